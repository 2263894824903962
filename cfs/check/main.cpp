// cfs-check: checks, repairs and salvages configuration databases.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "cfs/check/check.hpp"

int main(int argc, char** argv) {
    CLI::App app("Checks the configuration database of a stopped pmxcfs or compatible daemon.", "cfs-check");
    app.footer(
        "Exit status: 0 nothing is wrong (any more), 1 something is, 2 it could not be done.\n"
        "A repaired or salvaged database keeps its versions: the next sync of the cluster brings what it lacks.");
    app.set_version_flag("--version", TOTEM_VERSION);
    std::string database = "/var/lib/pve-cluster/config.db";
    std::string backup;
    std::string to;
    bool repair = false;
    app.add_option("DATABASE", database, "the file")->capture_default_str();
    auto* repairs =
        app.add_flag("--repair", repair, "remove or mend the rows that keep it from loading, after a backup");
    app.add_option("--backup", backup, "where to put the backup of --repair (default DATABASE.backup-TIME)")
        ->needs(repairs);
    app.add_option("--salvage", to, "write all that can be read to this new database")->excludes(repairs);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    const auto say = [](const std::string& line) { std::printf("%s\n", line.c_str()); };
    if (repair) return static_cast<int>(cfs::check::repair(database, backup, say));
    if (!to.empty()) return static_cast<int>(cfs::check::salvage(database, to, say));
    return static_cast<int>(cfs::check::check(database, say));
}
