namespace Unroll.Reports;

/// <summary>The report's style sheet. Colours are variables, so that the dark theme only sets them anew.</summary>
internal static class ReportStyle
{
    // The series' colours keep at least 3 : 1 of contrast with their paper and differ in lightness, for readers who
    // do not tell red from green.
    private static readonly string[] s_light = ["#1f5fbf", "#c8500a", "#0f7d5c", "#a03a8c", "#7a6200", "#3d8fae", "#b02a37", "#555f6d"];
    private static readonly string[] s_dark = ["#6aa5ff", "#ff9a52", "#4fd0a4", "#e58fd3", "#d9bd4a", "#79cbe8", "#ff7d88", "#b4bdc9"];

    public static readonly string Sheet =
        $$"""
        :root { color-scheme: light dark;
          --paper: #ffffff; --panel: #f7f8fa; --ink: #1c2430; --soft: #5b6675; --line: #dfe3e8; --axis: #8b95a3;
          {{Variables(s_light)}} }
        @media (prefers-color-scheme: dark) { :root {
          --paper: #14181f; --panel: #1b212a; --ink: #e6eaf0; --soft: #a3adba; --line: #2e3743; --axis: #6b7685;
          {{Variables(s_dark)}} } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
        main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; overflow-wrap: anywhere; }
        h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 1.25rem; }
        h2 { font-size: 1.2rem; line-height: 1.3; margin: 2.25rem 0 .75rem; }
        p { max-width: 44rem; margin: 0 0 1rem; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.5rem; margin: 0 0 1.25rem; }
        dt { color: var(--soft); } dd { margin: 0; font-variant-numeric: tabular-nums; }
        .scroll { overflow-x: auto; margin: 0 0 1.5rem; }
        table { border-collapse: collapse; min-width: 50%; }
        caption { text-align: left; font-weight: 600; padding: 0 0 .4rem; }
        th, td { padding: .4rem 1rem .4rem 0; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: normal; }
        th { color: var(--soft); font-weight: 600; border-bottom-color: var(--axis); }
        th + th, td + td { padding-left: 1rem; }
        .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        figure { margin: 0 0 1.75rem; padding: 1rem 1rem .85rem; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; break-inside: avoid; }
        figcaption { font-weight: 600; margin: 0 0 .5rem; }
        svg { display: block; width: 100%; height: auto; font: 12.5px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums; }
        svg text { fill: var(--soft); } svg text.value { fill: var(--ink); }
        .grid { stroke: var(--line); } .axis { stroke: var(--axis); } .start { stroke: var(--ink); stroke-dasharray: 5 4; }
        .series { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; } .band { opacity: .2; } .dot { stroke: none; }
        .legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .5rem 0 0; padding: 0; font-size: .875rem; }
        .legend i { display: inline-block; width: 1.4em; height: .22em; border-radius: 2px; margin-right: .5em; vertical-align: middle; }
        .legend i.area { height: .8em; opacity: .3; }
        .s0 { stroke: var(--c0); } .s1 { stroke: var(--c1); } .s2 { stroke: var(--c2); } .s3 { stroke: var(--c3); }
        .s4 { stroke: var(--c4); } .s5 { stroke: var(--c5); } .s6 { stroke: var(--c6); } .s7 { stroke: var(--c7); }
        .f0 { fill: var(--c0); background: var(--c0); } .f1 { fill: var(--c1); background: var(--c1); }
        .f2 { fill: var(--c2); background: var(--c2); } .f3 { fill: var(--c3); background: var(--c3); }
        .f4 { fill: var(--c4); background: var(--c4); } .f5 { fill: var(--c5); background: var(--c5); }
        .f6 { fill: var(--c6); background: var(--c6); } .f7 { fill: var(--c7); background: var(--c7); }
        @media print { figure { border-color: #bbbbbb; } main { max-width: none; padding: 0; } }

        """;

    /// <summary>What a picture in a file of its own needs, in the light theme's colours.</summary>
    public static readonly string Standalone =
        "text { font: 15px sans-serif; fill: #3c4654; } .grid { stroke: #dfe3e8; } .axis { stroke: #8b95a3; } .start { stroke: #1c2430; stroke-dasharray: 5 4; }"
        + " .series { fill: none; stroke-width: 3; } .band { opacity: .2; }"
        + string.Concat(s_light.Select((colour, i) => FormattableString.Invariant($" .s{i} {{ stroke: {colour}; }} .f{i} {{ fill: {colour}; }}")));

    private static string Variables(string[] colours) => string.Join(' ', colours.Select((colour, i) => FormattableString.Invariant($"--c{i}: {colour};")));
}
