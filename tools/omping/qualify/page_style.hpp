#pragma once
// The look of the page, in light and dark.

namespace tools::omping::qualify {

inline constexpr char kPageStyle[] = R"css(
:root { --page: #f6f7f9; --card: #fff; --ink: #1c2430; --soft: #5b6675; --line: #dde2e8;
  --unicast: #2f6fd0; --group: #c26a12; --good: #2e8b57; --warn: #b7791f; --bad: #c53d3d; --none: #7a8594; --lane: #eef1f5; }
@media (prefers-color-scheme: dark) { :root { --page: #14181e; --card: #1c222b; --ink: #e6eaf0; --soft: #9aa6b5;
  --line: #303946; --unicast: #6fa8f5; --group: #e39a4b; --good: #4fb37e; --warn: #d9a441; --bad: #e66a6a; --none: #8a95a4;
  --lane: #262e39; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 28px 24px 60px; }
h1 { font-size: 22px; margin: 0 0 4px; } h2 { font-size: 17px; margin: 34px 0 12px; } h3 { font-size: 14px; margin: 0 0 6px; }
p { margin: 0; } .soft { color: var(--soft); }
.banner { display: flex; gap: 20px; align-items: center; background: var(--card); border: 1px solid var(--line);
  border-left: 8px solid var(--tone); border-radius: 10px; padding: 18px 22px; margin: 20px 0 0; }
.banner b { font-size: 30px; color: var(--tone); letter-spacing: .02em; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px; overflow-x: auto; }
.grid { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: 8px 12px; vertical-align: top; }
th { font-weight: 600; color: var(--soft); font-size: 13px; } tr + tr td { border-top: 1px solid var(--line); }
.checks td:nth-child(-n+4) { min-width: 118px; } .checks td:nth-child(2) { min-width: 190px; font-weight: 600; }
.checks td:nth-child(3) { min-width: 230px; } .checks td:nth-child(4) { min-width: 150px; color: var(--soft); }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.PASS { --tone: var(--good); } .WARN { --tone: var(--warn); } .FAIL { --tone: var(--bad); } .NOT { --tone: var(--none); }
.badge { display: inline-block; min-width: 92px; text-align: center; border: 1.5px solid var(--tone); color: var(--tone);
  border-radius: 20px; font-size: 12px; font-weight: 700; padding: 1px 8px; white-space: nowrap; }
.matrix td { text-align: center; border: 3px solid var(--card); border-radius: 8px; font-variant-numeric: tabular-nums; }
.matrix td.cell { background: color-mix(in srgb, var(--tone) 22%, var(--card)); }
.matrix small { display: block; color: var(--soft); }
svg { width: 100%; height: auto; display: block; } svg text { font: 11px system-ui, "DejaVu Sans", sans-serif; fill: var(--ink); }
svg .label, svg .small { font-size: 10.5px; } svg .label { fill: var(--soft); }
svg .middle { text-anchor: middle; } svg .end { text-anchor: end; }
svg .grid { stroke: var(--line); stroke-width: 1; } svg .axis { stroke: var(--soft); stroke-width: 1; }
svg rect.unicast { fill: var(--unicast); } svg rect.group { fill: var(--group); }
svg text.unicast { fill: var(--unicast); } svg text.group { fill: var(--group); }
svg .area { fill-opacity: .35; stroke-width: 1.3; } svg polygon.unicast { fill: var(--unicast); stroke: var(--unicast); }
svg polygon.group { fill: var(--group); stroke: var(--group); }
svg .line { fill: none; stroke-width: 1.3; stroke-linejoin: round; }
svg .line.unicast { stroke: var(--unicast); } svg .line.group { stroke: var(--group); stroke-dasharray: 4 2; }
svg .mark { stroke-width: 1.2; } svg .mark.unicast { stroke: var(--unicast); }
svg .mark.group { stroke: var(--group); stroke-dasharray: 4 2; }
svg .limit { stroke: var(--bad); stroke-width: 1.3; stroke-dasharray: 2 3; } svg .limit-text { fill: var(--bad); font-size: 10.5px; }
svg .lane { fill: var(--lane); } svg .lost, svg .bad { fill: var(--bad); } svg .good { fill: var(--good); }
code { font: 13px ui-monospace, "DejaVu Sans Mono", monospace; }
)css";

}  // namespace tools::omping::qualify
