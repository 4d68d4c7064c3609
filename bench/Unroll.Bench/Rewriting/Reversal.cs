using Unroll.Basics;

namespace Unroll.Bench.Rewriting;

/// <summary>Thirty to forty letters, written from the last to the first.</summary>
internal sealed class Reversal : RewritingTask
{
    public override string Name => "reversal";

    public override string Title => "30 to 40 letters turned round";

    public override (string Read, string Written) Draw(RandomStream draws)
    {
        char[] letters = [.. Enumerable.Range(0, 30 + draws.Below(11, 0)).Select(i => (char)('a' + draws.Below(26, i + 1)))];
        return (new string(letters), new string([.. letters.Reverse()]));
    }
}
