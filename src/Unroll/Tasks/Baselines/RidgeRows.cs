using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>
/// Reads windows as rows of a regression: P = L · F + H · K features, the input rows one after another, then the
/// covariates known in future at the target's rows; and H targets.
/// </summary>
internal sealed class RidgeRows(WindowSet windows)
{
    private readonly int _inputs = windows.Options.InputLength * windows.Features;

    public float[] Features { get; } =
        new float[windows.Options.InputLength * windows.Features + windows.Options.Horizon * windows.FutureFeatures];

    public float[] Targets { get; } = new float[windows.Options.Horizon];

    public void Read(int index)
    {
        ReadOnlySpan<int> one = [index];
        windows.Fill(one, Features.AsSpan(0, _inputs), Targets);
        windows.FillFuture(one, Features.AsSpan(_inputs));
    }
}
