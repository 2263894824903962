#include "tools/omping/options.hpp"

#include <fmt/format.h>
#include <getopt.h>
#include <netdb.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace tools::omping {
namespace {

constexpr double kMostMilliseconds = 2147483647;
constexpr std::uint8_t kLeastTtl = 64;

Failure illegal_number(const char* option, const char* text) {
    return usage_failure(fmt::format("illegal number, {} argument -- {}", option, text));
}

// A number as strtod reads it, cut to whole units of 1/scale.
double number(const char* option, const char* text, double least, double most, double scale = 1) {
    char* end = nullptr;
    const double value = std::strtod(text, &end);
    // What is 0.057 in decimal is to be 57 thousandths.
    const double units = std::floor(value * scale + 1e-6);
    if (end == text || *end != '\0' || !std::isfinite(value) || units < least || units > most) {
        throw illegal_number(option, text);
    }
    return units;
}

template <typename T>
T whole(const char* option, const char* text, double least, double most) {
    return static_cast<T>(number(option, text, least, most));
}

milliseconds seconds(const char* option, const char* text, double least_seconds = 0) {
    const double ms = number(option, text, least_seconds * 1000, kMostMilliseconds, 1000);
    return milliseconds(static_cast<std::int64_t>(ms));
}

std::uint16_t port(const char* text) {
    if (std::strspn(text, "0123456789") != std::strlen(text)) {
        const servent* service = getservbyname(text, "udp");
        if (service != nullptr) return ntohs(static_cast<std::uint16_t>(service->s_port));
    }
    return whole<std::uint16_t>("-p", text, 1, 65535);
}

Method method(const std::string& text) {
    if (text == "asm") return Method::asm_;
    if (text == "ssm") return Method::ssm;
    if (text == "ipbc") return Method::broadcast;
    throw usage_failure("illegal parameter, -M argument -- " + text);
}

bool client_only(const std::string& text) {
    if (text == "normal") return false;
    if (text == "client") return true;
    throw usage_failure("illegal parameter, -O argument -- " + text);
}

constexpr double kMostCount = 18446744073709549568.0;  // below 2^64

bool classic_option(int letter, Options& out) {
    switch (letter) {
        case '4':
            out.ip_version = 4;
            break;
        case '6':
            out.ip_version = 6;
            break;
        case 'C':
            out.continuous = true;
            break;
        case 'c':
            out.count = whole<std::uint64_t>("-c", optarg, 1, kMostCount);
            break;
        case 'D':
            out.duplicates = false;
            break;
        case 'E':
            out.stay = true;
            break;
        case 'F':
            ++out.force;
            break;
        case 'i':
            out.interval = seconds("-i", optarg);
            break;
        case 'M':
            out.method = method(optarg);
            break;
        case 'm':
            out.group = optarg;
            break;
        case 'O':
            out.client_only = client_only(optarg);
            break;
        case 'p':
            out.port = port(optarg);
            break;
        case 'q':
            ++out.quiet;
            break;
        case 'R':
            out.receive_buffer = whole<int>("-R", optarg, 2048, kMostMilliseconds);
            break;
        case 'r':
            out.rate_limit = seconds("-r", optarg);
            break;
        case 'S':
            out.send_buffer = whole<int>("-S", optarg, 2048, kMostMilliseconds);
            break;
        case 'T':
            out.duration = seconds("-T", optarg);
            break;
        case 't':
            out.ttl = whole<std::uint8_t>("-t", optarg, 1, 255);
            break;
        case 'V':
            ++out.show_version;
            break;
        case 'v':
            ++out.verbose;
            break;
        case 'w':
            out.wait = std::strcmp(optarg, "-1") == 0 ? milliseconds(-1000) : seconds("-w", optarg);
            break;
        default:
            return false;
    }
    return true;
}

// Letters above those of a byte, for options that have none.
enum Long : int {
    kQualify = 256,
    kQuick,
    kBurstCount,
    kLongSeconds,
    kJoinTimeout,
    kCluster,
    kConf,
    kRing,
    kJson,
    kHtml,
    kNetmtu,
    kToken,
    kHelp,
    kVersion,
};

constexpr option kLongOptions[] = {{"qualify", no_argument, nullptr, kQualify},
                                   {"quick", no_argument, nullptr, kQuick},
                                   {"burst-count", required_argument, nullptr, kBurstCount},
                                   {"long-seconds", required_argument, nullptr, kLongSeconds},
                                   {"join-timeout", required_argument, nullptr, kJoinTimeout},
                                   {"cluster", required_argument, nullptr, kCluster},
                                   {"conf", required_argument, nullptr, kConf},
                                   {"ring", required_argument, nullptr, kRing},
                                   {"json", required_argument, nullptr, kJson},
                                   {"html", required_argument, nullptr, kHtml},
                                   {"netmtu", required_argument, nullptr, kNetmtu},
                                   {"token", required_argument, nullptr, kToken},
                                   {"help", no_argument, nullptr, kHelp},
                                   {"version", no_argument, nullptr, kVersion},
                                   {nullptr, 0, nullptr, 0}};

constexpr std::uint64_t kQuickBurst = 2000, kQuickSeconds = 10;

bool long_option(int letter, Options& out) {
    QualifyOptions& qualify = out.qualify;
    switch (letter) {
        case kQualify:
            qualify.on = true;
            break;
        case kQuick:
            qualify.burst_count = kQuickBurst;
            qualify.long_count = kQuickSeconds;
            break;
        case kBurstCount:
            qualify.burst_count = whole<std::uint64_t>("--burst-count", optarg, 1, 10000000);
            break;
        case kLongSeconds:
            qualify.long_count = whole<std::uint64_t>("--long-seconds", optarg, 1, 1000000);
            break;
        case kJoinTimeout:
            qualify.join_timeout = seconds("--join-timeout", optarg, 1);
            break;
        case kCluster:
            qualify.cluster = optarg;
            break;
        case kConf:
            qualify.conf = optarg;
            break;
        case kRing:
            qualify.ring = whole<unsigned>("--ring", optarg, 0, 7);
            break;
        case kJson:
            qualify.json = optarg;
            break;
        case kHtml:
            qualify.html = optarg;
            break;
        case kNetmtu:
            qualify.netmtu = whole<std::uint32_t>("--netmtu", optarg, 576, 65535);
            break;
        case kToken:
            qualify.token = whole<std::uint32_t>("--token", optarg, 30, 600000);
            break;
        case kHelp:
            out.help = true;
            break;
        case kVersion:
            out.own_version = true;
            break;
        default:
            return false;
    }
    return true;
}

void check_forced(const Options& options) {
    const auto ms = options.interval.count();
    const auto refuse = [&](int least, const char* flag) {
        return usage_failure(
            fmt::format("illegal nmber, -i argument {} ms < {} ms. Use {} to force.", ms, least, flag));
    };
    if (ms < 1000 && options.force < 1) throw refuse(1000, "-F");
    if (ms < 1 && options.force < 2) throw refuse(1, "-FF");
    if (options.ttl < kLeastTtl && options.force < 1) {
        throw usage_failure(
            fmt::format("illegal nmber, -t argument {} < {}. Use -F to force.", options.ttl, kLeastTtl));
    }
}

void check_qualify(const Options& options) {
    const QualifyOptions& qualify = options.qualify;
    const bool asked = !qualify.json.empty() || !qualify.html.empty() || !qualify.cluster.empty() ||
                       !qualify.conf.empty() || qualify.netmtu || qualify.token;
    if (asked && !qualify.on) throw usage_failure("a report and a cluster need --qualify");
    if (!qualify.cluster.empty() && !qualify.conf.empty()) {
        throw usage_failure("--cluster and --conf both say which group to test; give one");
    }
    if (qualify.on && options.client_only) throw usage_failure("--qualify needs -O normal: nodes test each other");
}

void check(const Options& options) {
    check_forced(options);
    if (options.method == Method::broadcast && options.ip_version == 6) {
        throw usage_failure("illegal transport method, -M argument ipbc is mutually exclusive with -6 option");
    }
    if (options.show_version > 1 && options.client_only) {
        throw usage_failure("op_mode must be set to normal for remote version display.");
    }
    check_qualify(options);
    if (options.hosts.empty() && options.qualify.conf.empty()) {
        throw usage_failure("at least one remote addresses should be specified");
    }
}

}  // namespace

milliseconds Options::finishing_wait() const {
    return wait.value_or(std::max(3 * interval, milliseconds(1000)));
}

Options parse_options(int argc, char** argv) {
    Options out;
    optind = 0;  // from the beginning, in tests too
    int letter = 0;
    while ((letter = getopt_long(argc, argv, "46CDEFqVvc:i:M:m:O:p:R:r:S:T:t:w:", kLongOptions, nullptr)) != -1) {
        if (!classic_option(letter, out) && !long_option(letter, out)) throw usage_failure("");
    }
    out.hosts.assign(argv + optind, argv + argc);
    if (out.show_version != 1 && !out.help && !out.own_version) check(out);
    return out;
}

std::string usage_text() {
    return "usage: omping [-46CDEFqVv] [-c count] [-i interval] [-M transport_method]\n"
           "              [-m mcast_addr] [-O op_mode] [-p port] [-R rcvbuf] [-r rate_limit]\n"
           "              [-S sndbuf] [-T timeout] [-t ttl] [-w wait_time] remote_addr...\n";
}

std::string help_text() {
    return usage_text() +
           R"(       omping --qualify [--quick] [--cluster NAME | --conf FILE] [--json FILE] [--html FILE] remote_addr...

Pings all hosts given, unicast and multicast; run it on all of them at once. The own address is one of them.

With --qualify it tests whether the network carries a cluster, and says so:
  --quick             2000 packets and 10 s instead of 10000 packets and 600 s
  --burst-count N     packets of the first test, 1 ms apart
  --long-seconds N    packets of the second test, 1 s apart
  --join-timeout S    how long to wait for hosts that are not there yet (60)
  --cluster NAME      multicast group and port that the engine derives from this cluster name
  --conf FILE         group, port, token timeout, packet size and, unless given, hosts of this corosync.conf
  --ring N            its ring (0)
  --netmtu N          packet size of the engine (1500)
  --token MS          token timeout of the engine, for this number of nodes
  --json FILE, --html FILE
                      the report for programs, and for people
The other nodes run the same, or answer only: omping -qq -r 0 remote_addr...
Exit status: 0 pass, 10 warnings, 11 fail; 1 usage, 2 network error, as without --qualify.
)";
}

}  // namespace tools::omping
