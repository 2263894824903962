// The printed interface, byte for byte as the specification samples it (pvecm.md section 2).
#include <gtest/gtest.h>

#include "pvecm/cli/parser.hpp"
#include "pvecm/cli/usage.hpp"
#include "pvecm/commands/all.hpp"

namespace pvecm {
namespace {

const std::vector<Command>& commands() {
    static const auto all = commands::all();
    return all;
}

// What goes to standard error, as the program prints it; "" if the command would run.
std::string said(Words words) {
    try {
        const Command& command = find_command(commands(), words);
        try {
            parse_arguments(command, words);
            return {};
        } catch (const WrongArguments& wrong) {
            return wrong.what() + usage_line(command) + "\n";
        }
    } catch (const NoCommand& missing) {
        return std::string("ERROR: ") + missing.what() + "\n" + usage_block(commands(), missing.part);
    }
}

Arguments parsed(Words words) {
    const Command& command = find_command(commands(), words);
    return parse_arguments(command, words);
}

const std::string create_usage = "pvecm create <clustername> [OPTIONS]\n";
const std::string unverified = "400 Parameter verification failed.\n";

TEST(CommandLine, SaysWhatIsWrongAsTheOriginalDoes) {
    EXPECT_EQ(said({"create"}), "400 not enough arguments\n" + create_usage);
    EXPECT_EQ(said({"create", "a", "b"}), "400 too many arguments\n" + create_usage);
    EXPECT_EQ(said({"create", "-bogus", "x"}), "Unknown option: bogus\n400 unable to parse option\n" + create_usage);
    EXPECT_EQ(
        said({"create", "foo_bar"}),
        unverified + "clustername: invalid format - value does not look like a valid node name\n\n" + create_usage);
    EXPECT_EQ(said({"create", "aaaaaaaaaaaaaaaaaaaa"}),
              unverified + "clustername: value may only be 15 characters long\n" + create_usage);
    EXPECT_EQ(said({"expected", "0"}),
              unverified + "expected: value must have a minimum value of 1\npvecm expected <expected>\n");
    EXPECT_EQ(said({"expected", "abc"}),
              unverified + "expected: type check ('integer') failed - got 'abc'\npvecm expected <expected>\n");
    EXPECT_EQ(
        said({"create", "x", "--bindnet0_addr", "foo"}),
        unverified + "bindnet0_addr: invalid format - value does not look like a valid IP address\n\n" + create_usage);
    EXPECT_EQ(
        said({"create", "x", "--ring0_addr", "a b"}),
        unverified + "ring0_addr: invalid format - value does not look like a valid address: a b\n\n" + create_usage);
    EXPECT_EQ(said({"add", "x", "--force", "maybe"}),
              "400 unable to parse boolean option\npvecm add <hostname> [OPTIONS]\n");
    EXPECT_EQ(said({"mtunnel", "-get_migration_ip", "-migration_network", "foo"}),
              unverified +
                  "migration_network: invalid format - value does not look like a valid CIDR network\n\n"
                  "pvecm mtunnel [<extra-args>] [OPTIONS]\n");
}

TEST(CommandLine, SaysWhatIsWrongWithALink) {
    EXPECT_EQ(said({"create", "x", "--link0", "a b"}),
              unverified +
                  "link0: invalid format - format error\n"
                  "link0.address: invalid format - value does not look like a valid address: a b\n\n" +
                  create_usage);
    EXPECT_EQ(said({"create", "x", "--link0", "10.0.0.1,priority=256"}),
              unverified +
                  "link0: invalid format - format error\n"
                  "link0.priority: value must have a maximum value of 255\n\n" +
                  create_usage);
    EXPECT_EQ(said({"create", "x", "--link0", "address=10.0.0.1,foo=1"}),
              unverified +
                  "link0: invalid format - format error\nlink0.foo: property is not defined in schema and the "
                  "schema does not allow additional properties\n\n" +
                  create_usage);
    EXPECT_EQ(said({"create", "x", "--link0", "address=10.0.0.1,priority=255", "--link7", "host.example"}), "");
}

TEST(CommandLine, ListsTheCommandsIfItKnowsNone) {
    const std::string list =
        "USAGE: pvecm <COMMAND> [ARGS] [OPTIONS]\n"
        "\n"
        "       pvecm qdevice remove \n"
        "       pvecm qdevice setup <address> [OPTIONS]\n"
        "\n"
        "       pvecm addnode <node> [OPTIONS]\n"
        "       pvecm apiver \n"
        "       pvecm create <clustername> [OPTIONS]\n"
        "       pvecm delnode <node>\n"
        "\n"
        "       pvecm add <hostname> [OPTIONS]\n"
        "       pvecm expected <expected>\n"
        "       pvecm keygen <filename>\n"
        "       pvecm mtunnel [<extra-args>] [OPTIONS]\n"
        "       pvecm nodes \n"
        "       pvecm status \n"
        "       pvecm updatecerts  [OPTIONS]\n"
        "\n"
        "       pvecm help [<extra-args>] [OPTIONS]\n";
    for (const auto& [words, why] : std::vector<std::pair<Words, std::string>>{
             {{"foo"}, "ERROR: unknown command 'pvecm foo'\n"}, {{}, "ERROR: no command specified\n"}}) {
        // Behind it there are commands that the original does not have.
        EXPECT_EQ(said(words).substr(0, why.size() + list.size() + 1), why + list + "\n");
    }
    EXPECT_EQ(said({"qdevice"}),
              "ERROR: incomplete command 'pvecm qdevice'\n"
              "USAGE: pvecm <COMMAND> [ARGS] [OPTIONS]\n"
              "\n"
              "       pvecm qdevice remove \n"
              "       pvecm qdevice setup <address> [OPTIONS]\n");
    EXPECT_EQ(said({"s"}), "") << "what the original has wins over what it has not";
}

TEST(CommandLine, TakesCommandsInPartsOfTwoWords) {
    const auto command = [](const char* name, Group group) {
        return Command{.name = name, .group = group, .help = ""};
    };
    const std::vector<Command> some = {command("qdevice remove", Group::qdevice),
                                       command("qdevice setup", Group::qdevice), command("status", Group::local),
                                       command("separate", Group::addition)};
    const auto found = [&](Words words) { return find_command(some, words).name; };
    EXPECT_EQ(found({"qdevice", "setup"}), "qdevice setup");
    EXPECT_EQ(found({"q", "r"}), "qdevice remove");
    EXPECT_EQ(found({"s"}), "status") << "what the original has wins over what it has not";
    EXPECT_EQ(found({"se"}), "separate");
    try {
        found({"qdevice"});
        FAIL();
    } catch (const NoCommand& missing) {
        EXPECT_STREQ(missing.what(), "incomplete command 'pvecm qdevice'");
        EXPECT_EQ(
            usage_block(some, missing.part),
            "USAGE: pvecm <COMMAND> [ARGS] [OPTIONS]\n\n       pvecm qdevice remove \n       pvecm qdevice setup \n");
    }
}

TEST(CommandLine, TakesOptionsAnywhereAndAbbreviated) {
    for (const Words& words : std::vector<Words>{{"create", "x", "-votes", "2", "--NODEID=7"},
                                                 {"create", "--vot", "2", "x", "--nodeid", "7"},
                                                 {"cr", "-votes=2", "-n=7", "--", "x"}}) {
        const Arguments arguments = parsed(words);
        EXPECT_EQ(arguments.at("clustername"), "x");
        EXPECT_EQ(arguments.number("votes"), 2);
        EXPECT_EQ(arguments.number("nodeid"), 7);
    }
    EXPECT_EQ(said({"create", "x", "--ring", "10.0.0.1"}),
              "Option ring is ambiguous (ring0_addr, ring1_addr)\n400 unable to parse option\n" + create_usage);
    EXPECT_EQ(said({"create", "x", "--votes"}),
              "Option votes requires an argument\n400 unable to parse option\n" + create_usage);
}

TEST(CommandLine, TakesBooleansWithAndWithoutValue) {
    EXPECT_TRUE(parsed({"add", "x", "--force"}).flag("force"));
    EXPECT_TRUE(parsed({"add", "--force", "YES", "x"}).flag("force"));
    EXPECT_FALSE(parsed({"add", "--force=off", "x"}).flag("force"));
    EXPECT_FALSE(parsed({"add", "x"}).flag("force"));
    // It takes the next word for its value.
    EXPECT_EQ(said({"mtunnel", "-run-command", "ls"}),
              "400 unable to parse boolean option\npvecm mtunnel [<extra-args>] [OPTIONS]\n");
    EXPECT_EQ(parsed({"mtunnel", "-run-command", "--", "ls", "-l"}).extra(), (Words{"ls", "-l"}));
    EXPECT_EQ(parsed({"mtunnel", "-run-command", "1", "--", "ls"}).extra(), Words{"ls"});
}

TEST(CommandLine, ChecksFormats) {
    EXPECT_TRUE(is_node_name("a"));
    EXPECT_TRUE(is_node_name("hp-1"));
    for (const char* const wrong : {"", "-a", "a-", "a.b", "a_b"})
        EXPECT_FALSE(is_node_name(wrong)) << wrong;
    EXPECT_TRUE(is_address("host.example.org"));
    EXPECT_TRUE(is_address("fe80::1"));
    EXPECT_FALSE(is_address("a..b"));
    for (const char* const right : {"10.0.0.0/8", "10.0.0.1/32", "fd00::/8", "fd00::/128"})
        EXPECT_TRUE(is_cidr(right)) << right;
    for (const char* const wrong : {"10.0.0.0", "10.0.0.0/7", "10.0.0.0/33", "fd00::/129", "10.0.0/8", "10.0.0.0/"})
        EXPECT_FALSE(is_cidr(wrong)) << wrong;
    std::string print = "AA";
    for (int i = 1; i < 32; ++i)
        print += ":0f";
    EXPECT_TRUE(is_fingerprint(print));
    EXPECT_FALSE(is_fingerprint(print + ":00"));
    EXPECT_FALSE(is_fingerprint("AG" + print.substr(2)));
}

TEST(CommandLine, DescribesACommand) {
    Words words = {"nodes"};
    EXPECT_EQ(usage_line(find_command(commands(), words)), "pvecm nodes ");
    words = {"delnode"};
    const std::string text = help_text(find_command(commands(), words));
    EXPECT_EQ(text.find("USAGE: pvecm delnode <node>\n\n  "), 0U) << text;
    EXPECT_NE(text.find("  <node>     <string>\n\n\t     "), std::string::npos) << text;
}

TEST(CommandLine, CompletesWords) {
    EXPECT_EQ(completions(commands(), "pvecm del", 9), "delnode\n");
    EXPECT_EQ(completions(commands(), "pvecm expected ", 15), "");
    EXPECT_EQ(completions(commands(), "pvecm updatecerts --f", 21), "--force\n");
    EXPECT_NE(completions(commands(), "pvecm ", 6).find("status\n"), std::string::npos);
}

}  // namespace
}  // namespace pvecm
