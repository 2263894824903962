#pragma once
// How far a run is: a bar with the time left on a terminal, else one line for each phase. On standard error.

#include <string>
#include <vector>

#include "tools/omping/time.hpp"

namespace tools::omping::qualify {

class Progress {
public:
    // `phases`: how long each will take, in their order.
    explicit Progress(std::vector<Duration> phases);
    ~Progress() { clear(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void begin(const std::string& text);  // the next phase
    void note(const std::string& text);   // a line of its own
    void update();                        // often; draws when it is time to
    void clear();                         // takes the bar away
    void end();                           // for good

private:
    void draw();

    std::vector<Duration> phases_;
    std::size_t current_ = 0;  // of phases_, counted from 1
    std::string text_;
    Instant begun_, drawn_;
    bool terminal_, shown_ = false;
};

// "1:05", "9 s"
std::string duration_text(Duration time);

}  // namespace tools::omping::qualify
