#pragma once
// The programs that run guests, which are no part of this one. Set by PVECM_START_VM and the like, in the environment
// or in /etc/default/pvecm; split at blanks, without a shell. "{id}" becomes the guest's id.

#include "pvecm/guests/guest.hpp"
#include "pvecm/words.hpp"

namespace pvecm::guests {

class Commands {
public:
    explicit Commands(const Paths& paths);

    Words start(const Guest& guest) const { return command("START", guest); }
    Words stop(const Guest& guest) const { return command("STOP", guest); }  // at once
    // Asks it to end; "{seconds}" becomes what it gets for that.
    Words shut_down(const Guest& guest, long seconds) const;
    // By what its status command prints: "status: running". False if there is no such command.
    bool running(const Guest& guest) const;

private:
    Words command(const std::string& verb, const Guest& guest) const;

    const Paths paths_;
};

}  // namespace pvecm::guests
