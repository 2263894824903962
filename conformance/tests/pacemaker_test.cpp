// Debian's pacemaker on our nodes: the most demanding client there is. It uses cpg, quorum, votequorum, cmap and cfg,
// and runs parts of itself as another user.
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <regex>

#include "conformance/tests/support.hpp"

namespace conformance {
namespace {

// What crm_mon says on one node.
struct Status {
    std::string dc;                   // node name, "" if there is none
    std::vector<std::string> online;  // ascending
    std::string runs_dummy;           // where the resource is started, "" if nowhere
    bool quorum = false;
};

// The value of an attribute of the first element that `element` matches.
std::string attribute(const std::string& xml, const std::string& element, const std::string& name) {
    std::smatch match;
    const std::regex pattern("<" + element + "[^>]* " + name + "=\"([^\"]*)\"");
    return std::regex_search(xml, match, pattern) ? match[1].str() : std::string{};
}

Status parse(const std::string& xml) {
    Status status;
    status.dc = attribute(xml, "current_dc", "name");
    status.quorum = attribute(xml, "current_dc", "with_quorum") == "true";
    const std::regex node("<node name=\"([^\"]*)\" id=\"[0-9]*\" online=\"true\"[^>]*pending=\"false\"");
    for (std::sregex_iterator it(xml.begin(), xml.end(), node), end; it != end; ++it) {
        status.online.push_back((*it)[1]);
    }
    const auto resource = xml.find("<resource id=\"dummy\"");
    if (resource == std::string::npos) return status;
    const auto entry = xml.substr(resource, xml.find("</resource>", resource) - resource);
    if (attribute(entry, "resource", "role") == "Started") status.runs_dummy = attribute(entry, "node", "name");
    return status;
}

std::string name_of(unsigned node) {
    return fmt::format("node{}", node);
}

class PacemakerTest : public MixedRingTest {
protected:
    void TearDown() override {
        // Before the hosts go, so that the daemons' last words are about this and not about a vanished world.
        for (auto& [node, process] : pacemakers_)
            process.end();
        MixedRingTest::TearDown();
    }

    // State of its own in each host: the directories of the package belong to the machine.
    void prepare(unsigned node) {
        for (const auto& command : std::vector<lab::Arguments>{
                 {"mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/var/lib/pacemaker"},
                 {"install", "-d", "-o", "hacluster", "-g", "haclient", "-m", "0750", "/var/lib/pacemaker",
                  "/var/lib/pacemaker/blackbox", "/var/lib/pacemaker/cib", "/var/lib/pacemaker/cores",
                  "/var/lib/pacemaker/pengine", "/var/log/pacemaker"}}) {
            const auto result = laboratory().run(node, command);
            ASSERT_EQ(result.status, 0) << lab::join(command) << ": " << result.err;
        }
    }

    void start_pacemaker(unsigned node) {
        const auto log = laboratory().node_directory(node) / "log" / "pacemaker-output";
        const auto out = lab::open_file(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
        pacemakers_[node] = laboratory().spawn(node, {"pacemakerd"}, {.out = out.get(), .err = out.get()});
    }

    std::string must_run(unsigned node, const lab::Arguments& command) {
        const auto result = laboratory().run(node, command);
        EXPECT_EQ(result.status, 0) << lab::join(command) << ": " << result.err << result.out;
        return result.out;
    }

    Status status(unsigned node) {
        return parse(laboratory().run(node, {"crm_mon", "--one-shot", "--output-as=xml"}).out);
    }

    // Until all these nodes say that they and only they are online, under one of them.
    bool wait_online(const Nodes& nodes, Status& agreed) {
        std::vector<std::string> names;
        for (const auto node : nodes)
            names.push_back(name_of(node));
        return lab::wait_until(milliseconds(90000), [&] {
            agreed = status(nodes.front());
            if (agreed.online != names || std::find(names.begin(), names.end(), agreed.dc) == names.end()) return false;
            return std::all_of(nodes.begin(), nodes.end(), [&](unsigned node) {
                const auto seen = status(node);
                return seen.online == names && seen.dc == agreed.dc && seen.quorum;
            });
        });
    }

    bool wait_started(unsigned asked, const Nodes& allowed, unsigned& where) {
        return lab::wait_until(milliseconds(60000), [&] {
            const auto runs = status(asked).runs_dummy;
            const auto found =
                std::find_if(allowed.begin(), allowed.end(), [&](unsigned node) { return name_of(node) == runs; });
            if (found == allowed.end()) return false;
            where = *found;
            return true;
        });
    }

    void show(const char* what, unsigned node) {
        std::cout << "--- " << what << ", crm_mon on node " << node << "\n" << must_run(node, {"crm_mon", "-1"});
    }

    std::map<unsigned, lab::Process> pacemakers_;
};

TEST_P(PacemakerTest, ResourceMovesWhenANodeIsKilledAndTheNodeComesBack) {
    set_up(GetParam().mix, plan());
    if (!ready()) return;
    const auto all = laboratory().all();
    for (const auto node : all) {
        ASSERT_NO_FATAL_FAILURE(prepare(node));
        start_pacemaker(node);
    }
    Status agreed;
    ASSERT_TRUE(wait_online(all, agreed)) << laboratory().run(1, {"crm_mon", "-1"}).out;
    must_run(1, {"crm_attribute", "--type", "crm_config", "--name", "stonith-enabled", "--update", "false"});
    must_run(1, {"cibadmin", "-C", "-o", "resources", "--xml-text",
                 R"(<primitive id="dummy" class="ocf" provider="pacemaker" type="Dummy"><operations>)"
                 R"(<op id="dummy-monitor" name="monitor" interval="10s"/></operations></primitive>)"});
    unsigned home = 0;
    ASSERT_TRUE(wait_started(2, all, home));
    show("the resource runs", 2);

    // A node dies, the engine first and all of pacemaker with it; its host is a pid namespace.
    Nodes survivors = all;
    std::erase(survivors, home);
    laboratory().kill(home);
    laboratory().run(home, {"sh", "-c", "kill -9 -1"});
    EXPECT_TRUE(pacemakers_[home].wait(milliseconds(10000)));
    ASSERT_TRUE(wait_online(survivors, agreed)) << laboratory().run(survivors.front(), {"crm_mon", "-1"}).out;
    unsigned moved = 0;
    ASSERT_TRUE(wait_started(survivors.front(), survivors, moved));
    show("after a node was killed", survivors.front());

    laboratory().start(home);
    ASSERT_NO_THROW(laboratory().wait_ring(all));
    start_pacemaker(home);
    ASSERT_TRUE(wait_online(all, agreed)) << laboratory().run(survivors.front(), {"crm_mon", "-1"}).out;
    ASSERT_TRUE(wait_started(home, all, moved));
    show("the node is back", home);
}

INSTANTIATE_TEST_SUITE_P(Mix, PacemakerTest,
                         testing::Values(Case{"TTT", Transport::udpu}, Case{"TTC", Transport::udp},
                                         Case{"CCC", Transport::udpu}),
                         case_name);

}  // namespace
}  // namespace conformance
