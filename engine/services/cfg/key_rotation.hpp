#pragma once
// Changing the key of the native protection suite on a running ring. Spec totem-crypto.md appendix B.5. Sans-I/O: who
// owns it has the keys and sends the messages.
//
// Every member says which key it seals with and which it has ready. Reports are in total order and forgotten at the
// same places everywhere, so all members judge alike: once all have the same next key, and they are most of the
// cluster, the member with the lowest id orders the change, and its message is the point from which on each seals with
// it.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "totem/wire/types.hpp"

namespace engine::cfg {

using totem::NodeId;

struct KeyName {
    std::uint8_t id = 0;
    std::uint64_t print = 0;  // of the key itself
    bool operator==(const KeyName&) const = default;
};

struct KeyMessage {
    enum class Kind : std::uint32_t { report = 1, change = 2 };
    Kind kind = Kind::report;
    std::uint64_t round = 0;        // in which the sender wrote it
    KeyName current{};              // a report's: what the sender seals with
    std::optional<KeyName> next{};  // a report's: what it has ready; a change's: what to change to
    bool operator==(const KeyMessage&) const = default;
};

class KeyRotation {
public:
    class Actions {
    public:
        virtual ~Actions() = default;
        virtual bool send(const KeyMessage& message) = 0;  // false: no room now
        // Whether the members are more than half of the cluster. A few that changed by themselves would be lost to the
        // others, who may not have the key yet.
        virtual bool majority() const = 0;
        virtual void change_to(KeyName key) = 0;  // seal with it from now on
        // All have reported and these members have not got the key that others have ready: nothing happens.
        virtual void lacking(KeyName key, std::span<const NodeId> members) = 0;
    };

    KeyRotation(NodeId self, Actions& actions) : self_(self), actions_(actions) {}

    // What this node has; told to the others by the next report().
    void keys(KeyName current, std::optional<KeyName> next);
    // A regular configuration, or a reload everybody got: another round, and messages of those before count no more.
    void configuration(std::uint64_t ring_seq, std::span<const NodeId> members);
    void reloaded() { begin_round(round_ + 1); }
    void report();
    void on_message(NodeId from, const KeyMessage& message);

    // Something could not be sent; retry() every now and then until it could.
    bool waiting() const { return report_due_ || change_due_; }
    void retry();

private:
    void begin_round(std::uint64_t round);
    void evaluate();
    bool agreed(KeyName key) const;
    static bool has(const KeyMessage& report, KeyName key) { return report.current == key || report.next == key; }

    NodeId self_;
    Actions& actions_;
    KeyName current_;
    std::optional<KeyName> next_;
    std::uint64_t round_ = 0;
    std::vector<NodeId> members_;
    std::map<NodeId, KeyMessage> reports_;
    std::optional<KeyName> ordered_;  // by us, in this round
    bool report_due_ = false, change_due_ = false;
};

}  // namespace engine::cfg
