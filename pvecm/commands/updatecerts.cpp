// pvecm updatecerts. Spec pvecm.md section 10.2.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <string_view>

#include "pvecm/commands/all.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/context.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/node_setup.hpp"
#include "pvecm/ssh/keys.hpp"

namespace pvecm::commands {
namespace {

constexpr unsigned kLimit = 30;  // seconds

// A store that hangs must not hold up the start of the system, which calls this.
void give_up_later() {
    struct sigaction action {};
    action.sa_handler = [](int) {
        constexpr std::string_view text = "got timeout\n";
        ::_exit(::write(STDERR_FILENO, text.data(), text.size()) < 0 ? kExitFailure : 1);
    };
    ::sigaction(SIGALRM, &action, nullptr);
    ::alarm(kLimit);
}

void link_backup_jobs(const Paths& paths) {
    const std::string shared = paths.pve("vzdump.cron"), system = paths.root + "/etc/cron.d/vzdump";
    if (!exists(shared) || is_link(system)) return;
    if (exists(system)) rename_file(system, paths.root + "/root/etc_cron_vzdump.org");
    if (!make_link(shared, system)) fmt::print(stderr, "can't create symlink '{}' -> '{}'\n", system, shared);
}

void make_backup_jobs(const Paths& paths) {
    if (exists(paths.pve("vzdump.cron"))) return;
    write_file(paths.pve("vzdump.cron"), "# Backup jobs of the cluster\n\nPATH=\"/usr/sbin:/usr/bin:/sbin:/bin\"\n\n",
               0640);
}

int run(Context& context, const Arguments& arguments) {
    const Paths& paths = context.paths;
    const bool silent = arguments.flag("silent");
    if (arguments.flag("unmerge-known-hosts"))
        fmt::print(stderr, "warning: known hosts stay merged, as every generation reads them\n");
    give_up_later();
    ssh::make_root_key(paths);
    link_backup_jobs(paths);
    if (!quorate(paths)) {
        if (silent) return 0;
        throw Error("no quorum - unable to update files");
    }
    ssh::share_authorized_keys(paths);
    update_node_files(context, arguments.flag("force"), silent);
    make_backup_jobs(paths);
    link_backup_jobs(paths);
    return 0;
}

}  // namespace

Command updatecerts() {
    return {.name = "updatecerts",
            .help = "Update node certificates (and generate all needed files/directories).",
            .options = {{.name = "force", .type = Type::boolean, .help = "Force generation of new SSL certificate."},
                        {.name = "silent",
                         .type = Type::boolean,
                         .help = "Ignore errors (i.e. when cluster has no quorum)."},
                        {.name = "unmerge-known-hosts",
                         .type = Type::boolean,
                         .help = "Without effect: known hosts stay merged, as every generation reads them.",
                         .fallback = "0"}},
            .run = run};
}

}  // namespace pvecm::commands
