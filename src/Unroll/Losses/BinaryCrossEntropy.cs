using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Losses;

namespace Unroll.Losses;

/// <summary>
/// l = log(1 + e^x) − y x, which is −y log σ(x) − (1 − y) log(1 − σ(x)) without overflow; dl/dx = σ(x) − y. With label
/// smoothing ε, y stands for (1 − ε) y + ε/2.
/// </summary>
internal sealed unsafe class BinaryCrossEntropy : ElementLoss<BinaryCrossEntropy.Formula>
{
    private readonly float _weightOfZero = 1f, _weightOfOne = 1f;
    private readonly float _labelSmoothing;
    private readonly bool _weighted;

    public BinaryCrossEntropy(float labelSmoothing, IReadOnlyList<float>? classWeights)
        : base(new Formula(SoftmaxLoss.CheckedSmoothing(labelSmoothing)))
    {
        _labelSmoothing = labelSmoothing;
        if (classWeights is null) return;
        if (classWeights.Count != 2)
            throw new ArgumentException($"Loss 'binary_crossentropy': expected 2 class weights, of class 0 and of class 1, received {classWeights.Count}.", nameof(classWeights));
        SoftmaxLoss.CheckClassWeights("binary_crossentropy", classWeights);
        (_weightOfZero, _weightOfOne, _weighted) = (classWeights[0], classWeights[1], true);
    }

    /// <inheritdoc/>
    public override string Name => "binary_crossentropy";

    /// <inheritdoc/>
    public override bool TakesLogits => true;

    /// <inheritdoc/>
    public override bool Matches(string activationName) => activationName is "linear" or "sigmoid";

    /// <inheritdoc/>
    internal override JsonObject Settings => new()
    {
        ["label_smoothing"] = _labelSmoothing,
        ["class_weights"] = _weighted ? LossSettings.List([_weightOfZero, _weightOfOne]) : null,
    };

    private protected override string ExpectedEnding => "'sigmoid'";

    private protected override (float Lowest, float Highest) TargetRange => (0f, 1f);

    private protected override float* WeighTargets(Tape tape, float* targets, float* weights, int length)
    {
        if (!_weighted) return weights;
        float* weighed = weights is null ? tape.Scratch(length) : weights;
        for (int i = 0; i < length; i++)
        {
            float given = weights is null ? 1f : weights[i];
            weighed[i] = given == 0f ? 0f : given * ((1f - targets[i]) * _weightOfZero + targets[i] * _weightOfOne);
        }
        return weighed;
    }

    internal readonly struct Formula(float labelSmoothing) : IElementLoss
    {
        private readonly float _keep = 1f - labelSmoothing, _add = 0.5f * labelSmoothing;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        TVector IElementLoss.Value<TSimd, TVector>(TVector x, TVector y)
        {
            // softplus(x) - y x, with max(x, 0) - y x computed first: for large |x| it is exactly 0 where y agrees.
            y = Smoothed<TSimd, TVector>(y);
            TVector positive = TSimd.LessThan(TSimd.Zero, x);
            TVector side = TSimd.Select(positive, TSimd.Subtract(TSimd.Broadcast(1f), y), TSimd.Subtract(TSimd.Zero, y));
            TVector minusDistance = TSimd.Subtract(TSimd.Zero, LossArithmetic.Absolute<TSimd, TVector>(x));
            return TSimd.MultiplyAdd(side, x, SoftplusFunction.Of<TSimd, TVector>(minusDistance));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        TVector IElementLoss.Slope<TSimd, TVector>(TVector x, TVector y) =>
            TSimd.Subtract(SigmoidFunction.Of<TSimd, TVector>(x), Smoothed<TSimd, TVector>(y));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private TVector Smoothed<TSimd, TVector>(TVector y) where TSimd : struct, Kernels.Simd.ISimd<TVector> where TVector : unmanaged =>
            TSimd.MultiplyAdd(y, TSimd.Broadcast(_keep), TSimd.Broadcast(_add));
    }
}
