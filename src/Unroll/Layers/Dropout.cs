using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// In training sets a share of the elements to zero and divides the others by 1 − rate (Srivastava et al. 2014); at other
/// times gives its input back.
/// </summary>
/// <remarks>
/// Which elements follows from the pass's seed and step, the layer's name and the element's place alone, so two dropout
/// layers outside a model need names of their own to differ.
/// </remarks>
public sealed class Dropout : Layer
{
    internal const string KindName = "dropout";

    /// <summary>Dropout at a rate.</summary>
    /// <param name="rate">The share of elements dropped, in [0, 1).</param>
    /// <param name="name">Unique in its model; null for "dropout", "dropout_1" …</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate outside [0, 1).</exception>
    public Dropout(float rate, string? name = null)
        : base(name)
    {
        if (!(rate >= 0 && rate < 1))
            throw new ArgumentOutOfRangeException(nameof(rate), string.Create(CultureInfo.InvariantCulture, $"Dropout: expected a rate in [0, 1), received {rate}."));
        Rate = rate;
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>The share of elements dropped in training, in [0, 1).</summary>
    public float Rate { get; }

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input) => input;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        return pass.Training ? DropoutOp.Of(pass.Tape, input, Rate, new RandomStream(pass.Seed, Name, pass.Step).Fork(KindName)) : input;
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["rate"] = Rate;
    }

    internal static Dropout FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration).Number("rate"));
}
