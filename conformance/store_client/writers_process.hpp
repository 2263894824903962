#pragma once
// totem-store-writers on the nodes of a laboratory that has stores. Errors are LabError.

#include <map>

#include "conformance/store/store_nodes.hpp"
#include "conformance/store_client/verify.hpp"

namespace store_client {

class WriterProcesses {
public:
    WriterProcesses(const lab::Lab& laboratory, const lab::StoreNodes& stores);

    // So many writers on these nodes, with these further options; they go on with what earlier ones have done.
    void start(const std::map<unsigned, unsigned>& threads, const lab::Arguments& options = {});
    // Until each of these nodes has had so many more operations acknowledged than when its writers were started.
    void wait_for(const lab::Nodes& nodes, std::size_t operations, lab::milliseconds limit) const;
    // Tells all to stop. Who waits for the store is killed: that writers may do at any time.
    void stop();
    // All of them are done, as they were told how much to do.
    void wait(lab::milliseconds limit);

    Verdict verify(const lab::Nodes& nodes) const;
    const std::filesystem::path& folder() const { return folder_; }

private:
    void start(unsigned node, unsigned threads, const lab::Arguments& options);
    std::filesystem::path mount(unsigned node) const;  // seen from outside

    const lab::Lab& lab_;
    const lab::StoreNodes& stores_;
    const std::filesystem::path folder_;
    std::map<unsigned, lab::Process> processes_;
    std::map<unsigned, std::size_t> begun_at_;  // size of the journal then
    unsigned runs_ = 0;
};

}  // namespace store_client
