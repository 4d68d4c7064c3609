using System.Text.RegularExpressions;

namespace Unroll.Tests.Architecture;

/// <summary>A file imports only from floors below its own; floors beside one another do not see each other.</summary>
internal static partial class FloorRule
{
    /// <summary>From the ground up; what stands in one line shares a floor.</summary>
    public static readonly string[][] Floors =
    [
        ["Basics"],
        ["Kernels"],
        ["Tensors"],
        ["Autograd"],
        ["Ops"],
        ["Layers", "Losses", "Metrics", "Optimizers", "Data"],
        ["Files"],
        ["Text", "Audio", "Decoding"],
        ["Models"],
        ["Interop", "Inference", "Training"],
        ["Reports"],
        ["Tasks"],
        ["Serving", "Tuning", "Onnx"],
        ["Cli"],
    ];

    /// <summary>What breaks the rule in a set of files, as "path(line): what".</summary>
    /// <param name="sources">Paths below src/Unroll with forward slashes, and texts.</param>
    public static IReadOnlyList<string> Violations(IReadOnlyDictionary<string, string> sources)
    {
        var code = sources.ToDictionary(pair => pair.Key, pair => SourceCode.WithoutCommentsAndText(pair.Value));
        Dictionary<string, HashSet<string>> names = Names(code);
        var violations = new List<string>();
        foreach ((string path, string text) in code)
        {
            string folder = path.Contains('/', StringComparison.Ordinal) ? path[..path.IndexOf('/', StringComparison.Ordinal)] : "";
            int floor = Array.FindIndex(Floors, names => names.Contains(folder));
            if (floor < 0)
            {
                violations.Add($"{path}: the folder '{folder}' is no floor");
                continue;
            }
            string expected = "Unroll." + path[..path.LastIndexOf('/')].Replace('/', '.');
            foreach (Match match in NamespaceLine().Matches(text))
            {
                // A folder inside a floor may keep the floor's namespace: the import rule is about floors.
                string found = match.Groups[1].Value;
                if (found != expected && found != "Unroll." + folder)
                    violations.Add($"{path}({Line(text, match.Index)}): the namespace is {found}, its folder says {expected}");
            }
            foreach (string forbidden in Floors.Skip(floor).SelectMany(beside => beside).Where(name => name != folder))
            {
                foreach (Match match in Mentions(forbidden).Matches(text))
                {
                    // Unroll.Training is the floor whatever follows; a bare Training.X is the floor's where the floor has an X,
                    // and else a property of that name.
                    bool full = match.Groups["full"].Success;
                    if (full || names.GetValueOrDefault(forbidden, []).Contains(match.Groups["next"].Value))
                        violations.Add($"{path}({Line(text, match.Index)}): {folder} names {match.Value.Trim()}, which is not below it");
                }
            }
        }
        return violations;
    }

    /// <summary>For each floor the types and inner namespaces that may follow its name and a dot.</summary>
    private static Dictionary<string, HashSet<string>> Names(Dictionary<string, string> code)
    {
        var names = new Dictionary<string, HashSet<string>>();
        foreach ((string path, string text) in code)
        {
            string[] parts = path.Split('/');
            if (!names.TryGetValue(parts[0], out HashSet<string>? floor)) names.Add(parts[0], floor = []);
            if (parts.Length > 2) floor.Add(parts[1]);
            else floor.UnionWith(TypeDeclaration().Matches(text).Select(match => match.Groups[1].Value));
        }
        return names;
    }

    private static Regex Mentions(string floor) => new(
        @$"(?<![\w.])(?:(?<full>Unroll\s*\.\s*){floor}\b|{floor}\s*\.\s*(?<next>\w+))", RegexOptions.CultureInvariant);

    private static int Line(string text, int index) => 1 + text.AsSpan(0, index).Count('\n');

    [GeneratedRegex(@"^[ \t]*namespace\s+([\w.]+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"\b(?:record\s+struct|record\s+class|class|struct|interface|enum|record|delegate\s+[\w<>\[\],.?\s]+?)\s+(\w+)\s*(?:<[^>]*>)?\s*[({:;\s]", RegexOptions.CultureInvariant)]
    private static partial Regex TypeDeclaration();
}
