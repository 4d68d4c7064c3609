namespace Unroll.Text;

/// <summary>Two tokens that become one where they stand side by side.</summary>
/// <param name="Left">The first token, in the characters that stand for bytes.</param>
/// <param name="Right">The second.</param>
public readonly record struct BytePairMerge(string Left, string Right)
{
    /// <summary>The token that they become.</summary>
    public string Joined => Left + Right;

    /// <summary>The two with a space between, as in published lists.</summary>
    public override string ToString() => $"{Left} {Right}";
}
