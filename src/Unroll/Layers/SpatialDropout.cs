using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Dropout of whole features of a sequence [B, T, F] in training: one draw for each sequence and feature, the same at
/// every step; what is kept is divided by 1 − rate. Keras's SpatialDropout1D, the locked dropout of AWD-LSTM, and in
/// front of a recurrent layer its variational input dropout (Gal and Ghahramani 2016, arXiv 1512.05287).
/// </summary>
public sealed class SpatialDropout : Layer
{
    internal const string KindName = "spatial_dropout";

    /// <summary>Dropout at a rate.</summary>
    /// <param name="rate">The share of features dropped, in [0, 1).</param>
    /// <param name="name">Unique in its model; null for "spatial_dropout", "spatial_dropout_1" …</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate outside [0, 1).</exception>
    public SpatialDropout(float rate, string? name = null)
        : base(name)
    {
        if (!(rate >= 0 && rate < 1)) throw new ArgumentOutOfRangeException(nameof(rate), FormattableString.Invariant($"SpatialDropout: expected a rate in [0, 1), received {rate}."));
        Rate = rate;
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>The share of features dropped in training, in [0, 1).</summary>
    public float Rate { get; }

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input) => input.Rank == 3
        ? input
        : throw new ArgumentException($"{Title}: expected a sequence [batch, time, features], received {input}. Without time, use Dropout.", nameof(input));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        return pass.Training && Rate > 0
            ? LockedDropoutOp.Of(pass.Tape, PackOp.ByTime(pass.Tape, input), Rate, new RandomStream(pass.Seed, Name, pass.Step).Fork(KindName))
            : input;
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["rate"] = Rate;
    }

    internal static SpatialDropout FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration).Number("rate"));
}
