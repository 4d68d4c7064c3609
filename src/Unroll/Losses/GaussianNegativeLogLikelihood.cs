using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Losses;
using Unroll.Kernels.Mixtures;
using Unroll.Kernels.Simd;
using Unroll.Tensors;

namespace Unroll.Losses;

/// <summary>−log of the normal density, of outputs that hold pairs (mean, raw scale), or of a mean and a variance.</summary>
internal sealed unsafe class GaussianNegativeLogLikelihood : Loss
{
    /// <summary>The smallest scale; its square is the smallest variance, PyTorch's 10⁻⁶.</summary>
    public const float SmallestScale = GaussianMixture.SmallestScale;

    private const float HalfLogTwoPi = GaussianMixture.HalfLogTwoPi;

    /// <inheritdoc/>
    public override string Name => "gaussian_negative_log_likelihood";

    /// <inheritdoc/>
    internal override JsonObject Settings => [];

    /// <summary>The scale (standard deviation) that a raw output means: softplus(r) + 0.001.</summary>
    public static float ScaleOf(float raw) => SoftplusFunction.Of<SimdScalar, float>(raw) + SmallestScale;

    /// <inheritdoc/>
    internal override Basics.Shape? TargetShapeOf(Basics.Shape outputs) => outputs.With(-1, outputs.Features / 2);

    /// <inheritdoc/>
    public override Tensor Of(Tensor outputs, Tensor targets, Tensor? weights = null)
    {
        Tape tape = Tape.Of(outputs);
        int features = outputs.Shape.Features;
        if (outputs.Features != features || features % 2 != 0)
            throw new ArgumentException($"Loss '{Name}': expected outputs [batch, …, 2·H], a mean and a scale for each target; received {outputs.Shape}.", nameof(outputs));
        var rows = new TargetRows(tape, Name, outputs, targets, OrNone(weights), features / 2, perElement: true);
        int length = outputs.StoredLength / 2;
        float* pairs = tape.Read(outputs), a = tape.Scratch(length), b = tape.Scratch(length);
        for (int i = 0; i < length; i++)
        {
            a[i] = pairs[2L * i];
            b[i] = pairs[2L * i + 1];
        }
        return Run(tape, default(RawScale), outputs, default, a, b, rows, length);
    }

    /// <summary>The loss of a mean and a variance of one shape.</summary>
    public static Tensor OfVariance(Tensor mean, Tensor variance, Tensor targets, Tensor? weights)
    {
        const string name = "gaussian_negative_log_likelihood";
        Tape tape = Tape.Of(mean);
        if (mean.Shape != variance.Shape || !SameLayout(mean, variance))
            throw new ArgumentException($"Loss '{name}': mean {mean.Shape} and variance {variance.Shape} need one shape and the same lengths.", nameof(variance));
        var rows = new TargetRows(tape, name, mean, targets, OrNone(weights), 0, perElement: true);
        return Run(tape, default(Variance), mean, variance, tape.Read(mean), tape.Read(variance), rows, mean.StoredLength);
    }

    private static bool SameLayout(Tensor a, Tensor b) =>
        a.Layout is { } layout ? b.Layout is { } other && layout.SameAs(other) : b.Layout is null;

    private static Tensor Run<TForm>(Tape tape, TForm form, Tensor first, Tensor second, float* a, float* b, TargetRows rows, int length) where TForm : struct, IPairLoss
    {
        float* y = rows.Targets(), w = rows.TargetWeights();
        double total = w is null ? length : WeightedSum.OfWeights(w, length);
        double sum = total > 0 ? PairLossKernel.Sum(form, a, b, y, w, length) : 0;
        bool needsGradient = tape.Needs(first) || (!second.IsDefault && tape.Needs(second));
        Tensor loss = Number(tape, total > 0 ? sum / total : 0, needsGradient);
        if (needsGradient && total > 0) tape.Record<PairNode<TForm>>().Set(form, first, second, loss, a, b, y, w, length, total);
        return loss;
    }

    /// <summary>Adds both parameters' slopes: side by side into the one tensor of pairs, or into a tensor each.</summary>
    private sealed class PairNode<TForm> : Node where TForm : struct, IPairLoss
    {
        private TForm _form;
        private Tensor _first, _second, _loss;
        private float* _a, _b, _targets, _weights;
        private int _length;
        private double _total;

        public void Set(TForm form, Tensor first, Tensor second, Tensor loss, float* a, float* b, float* targets, float* weights, int length, double total)
        {
            _form = form;
            _first = first;
            _second = second;
            _loss = loss;
            _a = a;
            _b = b;
            _targets = targets;
            _weights = weights;
            _length = length;
            _total = total;
        }

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(_loss)) return;
            float scale = (float)(*tape.Gradient(_loss) / _total);
            float* slopesA = tape.Scratch(_length), slopesB = tape.Scratch(_length);
            PairLossKernel.Slopes(_form, _a, _b, _targets, _weights, scale, slopesA, slopesB, _length);
            bool paired = _second.IsDefault;
            float* first = tape.Gradient(_first), second = paired ? first + 1 : tape.Gradient(_second);
            int stride = paired ? 2 : 1;
            for (int i = 0; first is not null && i < _length; i++) first[(long)i * stride] += slopesA[i];
            for (int i = 0; second is not null && i < _length; i++) second[(long)i * stride] += slopesB[i];
        }

        public override void Clear() => _first = _second = _loss = default;
    }

    /// <summary>l = ½ log 2π + log s + ½ z², z = (y − μ)/s, s = softplus(r) + 0.001; dl/dμ = −z/s; dl/dr = (1 − z²)/s · σ(r).</summary>
    private readonly struct RawScale : IPairLoss
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        TVector IPairLoss.Value<TSimd, TVector>(TVector mean, TVector raw, TVector y)
        {
            TVector scale = TSimd.Add(SoftplusFunction.Of<TSimd, TVector>(raw), TSimd.Broadcast(SmallestScale));
            TVector z = TSimd.Divide(TSimd.Subtract(y, mean), scale);
            TVector fixedPart = TSimd.Add(LogFunction.Of<TSimd, TVector>(scale), TSimd.Broadcast(HalfLogTwoPi));
            return TSimd.MultiplyAdd(TSimd.Multiply(z, TSimd.Broadcast(0.5f)), z, fixedPart);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void IPairLoss.Slopes<TSimd, TVector>(TVector mean, TVector raw, TVector y, out TVector slopeMean, out TVector slopeRaw)
        {
            TVector scale = TSimd.Add(SoftplusFunction.Of<TSimd, TVector>(raw), TSimd.Broadcast(SmallestScale));
            TVector z = TSimd.Divide(TSimd.Subtract(y, mean), scale);
            slopeMean = TSimd.Divide(TSimd.Subtract(TSimd.Zero, z), scale);
            TVector slopeScale = TSimd.Divide(TSimd.Subtract(TSimd.Broadcast(1f), TSimd.Multiply(z, z)), scale);
            slopeRaw = TSimd.Multiply(slopeScale, SigmoidFunction.Of<TSimd, TVector>(raw));
        }
    }

    /// <summary>l = ½ (log 2π + log v + (y − μ)²/v), v at least 10⁻⁶; dl/dμ = −(y − μ)/v; dl/dv = ½ (1 − (y − μ)²/v)/v, at the bound too.</summary>
    private readonly struct Variance : IPairLoss
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        TVector IPairLoss.Value<TSimd, TVector>(TVector mean, TVector variance, TVector y)
        {
            variance = Bounded<TSimd, TVector>(variance);
            TVector difference = TSimd.Subtract(y, mean), half = TSimd.Broadcast(0.5f);
            TVector square = TSimd.Divide(TSimd.Multiply(difference, difference), variance);
            return TSimd.MultiplyAdd(TSimd.Add(square, LogFunction.Of<TSimd, TVector>(variance)), half, TSimd.Broadcast(HalfLogTwoPi));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void IPairLoss.Slopes<TSimd, TVector>(TVector mean, TVector variance, TVector y, out TVector slopeMean, out TVector slopeVariance)
        {
            variance = Bounded<TSimd, TVector>(variance);
            TVector difference = TSimd.Subtract(y, mean);
            TVector square = TSimd.Divide(TSimd.Multiply(difference, difference), variance);
            slopeMean = TSimd.Divide(TSimd.Subtract(TSimd.Zero, difference), variance);
            slopeVariance = TSimd.Divide(TSimd.Multiply(TSimd.Subtract(TSimd.Broadcast(1f), square), TSimd.Broadcast(0.5f)), variance);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static TVector Bounded<TSimd, TVector>(TVector variance) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TVector smallest = TSimd.Broadcast(SmallestScale * SmallestScale);
            return TSimd.Select(TSimd.LessThan(variance, smallest), smallest, variance);
        }
    }
}
