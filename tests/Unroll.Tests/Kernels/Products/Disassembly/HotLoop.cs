using System.Text.RegularExpressions;

namespace Unroll.Tests.Kernels.Products.Disassembly;

/// <summary>The innermost loop with fused multiply-adds of a method that the just-in-time compiler listed.</summary>
/// <param name="Method">The method with its type arguments.</param>
/// <param name="Instructions">From the loop's label to the jump back, one a line.</param>
/// <param name="FramePointer">Whether rbp points at the method's frame, and is no ordinary register.</param>
internal sealed partial record HotLoop(string Method, IReadOnlyList<string> Instructions, bool FramePointer)
{
    private const string Heading = "; Assembly listing for method ";

    /// <summary>Multiply-adds of whole vectors or of single numbers.</summary>
    public IEnumerable<string> MultiplyAdds => Instructions.Where(IsMultiplyAdd);

    /// <summary>What the design forbids in such a loop: operands on the stack, and multiply-adds that do not add to their own sum.</summary>
    public IEnumerable<string> Faults => Instructions.Where(instruction =>
        instruction.Contains("[rsp", StringComparison.Ordinal)
        || (FramePointer && instruction.Contains("[rbp", StringComparison.Ordinal))
        || (IsMultiplyAdd(instruction) && !instruction.StartsWith("vfmadd231", StringComparison.Ordinal)));

    /// <summary>The hot loops of all methods listed, in order; a method without one is left out.</summary>
    public static IReadOnlyList<HotLoop> All(string listing)
    {
        var loops = new List<HotLoop>();
        foreach (string method in listing.Split(Heading).Skip(1))
        {
            string[] lines = [.. method.Split('\n').Select(line => line.Trim())];
            if (Innermost(lines) is { } loop) loops.Add(new HotLoop(lines[0], loop, lines.Contains("; rbp based frame")));
        }
        return loops;
    }

    // A jump to a label above it closes a loop; of those that hold multiply-adds the shortest is the innermost.
    private static string[]? Innermost(string[] lines)
    {
        var labels = new Dictionary<string, int>(StringComparer.Ordinal);
        string[]? innermost = null;
        for (int i = 0; i < lines.Length; i++)
        {
            if (Label().Match(lines[i]) is { Success: true } label) labels[label.Groups[1].Value] = i;
            if (Jump().Match(lines[i]) is not { Success: true } jump || !labels.TryGetValue(jump.Groups[1].Value, out int start)) continue;
            string[] loop = [.. lines[start..(i + 1)].Where(line => line.Length > 0 && line[0] != ';' && !Label().IsMatch(line))];
            if (loop.Any(IsMultiplyAdd) && (innermost is null || loop.Length < innermost.Length)) innermost = loop;
        }
        return innermost;
    }

    private static bool IsMultiplyAdd(string instruction) => instruction.StartsWith("vfmadd", StringComparison.Ordinal);

    [GeneratedRegex(@"^(G_M\w+):")]
    private static partial Regex Label();

    [GeneratedRegex(@"^j\w+\s+(?:SHORT\s+)?(G_M\w+)")]
    private static partial Regex Jump();
}
