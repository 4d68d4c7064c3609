namespace Unroll.Training;

/// <summary>Warnings from a layer's gradients by lag.</summary>
internal static class FlowFindings
{
    /// <summary>With fewer lags than this nothing can be said of far ones.</summary>
    private const int LeastLags = 5;

    private const double Vanished = 1e-3, Exploded = 100;

    public static IEnumerable<GradientFinding> Of(LayerGradientFlow flow)
    {
        IReadOnlyList<double> parts = flow.PartByLag;
        if (parts.Count < LeastLags || !(flow.HiddenByLag[0] > 0)) yield break;
        int farthest = parts.Count - 1;
        double arrives = parts[farthest], most = parts.Max();
        if (most > Exploded)
        {
            yield return new GradientFinding(GradientFindingKind.Exploding, flow.Layer, most, FormattableString.Invariant(
                $"{flow.Layer}: gradients explode: {parts.ToList().IndexOf(most)} steps back they are {most:0.#e+0} times what they are at the loss. Clip the global norm (for example at 1), begin with orthogonal recurrent weights, or take a smaller learning rate."));
        }
        if (arrives < Vanished)
        {
            string cure = flow.CellByLag is null
                ? "Use Lstm or Gru in place of SimpleRnn, or begin with the identity and relu."
                : "Begin with a larger forget bias (chrono initialisation, with the longest lag that matters), or give attention or a shorter sequence.";
            yield return new GradientFinding(GradientFindingKind.Vanishing, flow.Layer, arrives, FormattableString.Invariant(
                $"{flow.Layer}: gradients vanish: {arrives:0.#e+0} of what they are at the loss arrives {farthest} steps back, a hundredth {flow.Reach} steps back. What lies farther is hardly learnt from. {cure}"));
        }
    }
}
