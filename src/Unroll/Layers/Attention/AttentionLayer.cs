using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// For each query the average of the values, weighted by how well the query meets their keys:
/// <c>new AdditiveAttention(64).Of(query, value)</c> in a functional model. As in Keras the inputs are the query [B, Tq, Q], the value
/// [B, Tk, V] and the key [B, Tk, K], which is the value where none is given; a single input attends to itself. The output is [B, Tq, V].
/// Padding has no weight: what is real follows from the tensors' lengths.
/// </summary>
public abstract class AttentionLayer : MultipleInputLayer
{
    private readonly float _dropout;

    private protected AttentionLayer(string? name)
        : base(name)
    {
    }

    private protected AttentionLayer(LayerSettings settings)
        : base(null)
    {
        Dropout = settings.OptionalNumber("dropout") ?? 0;
        ReturnAttentionScores = settings.FlagOrFalse("return_attention_scores");
    }

    /// <summary>Share of the weights dropped in training, the rest being divided by 1 − share. In [0, 1); default 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside [0, 1).</exception>
    public float Dropout
    {
        get => _dropout;
        init => _dropout = value is >= 0 and < 1 ? value
            : throw new ArgumentOutOfRangeException(nameof(Dropout), FormattableString.Invariant($"{GetType().Name}: Dropout is {value}; expected a share in [0, 1)."));
    }

    /// <summary>Whether the weights [B, Tq, Tk] are a second output, which <c>OutputsOf</c> gives. Default false.</summary>
    public bool ReturnAttentionScores { get; init; }

    /// <inheritdoc/>
    public override Shape OutputShapeOf(ReadOnlySpan<Shape> inputs)
    {
        (Shape query, Shape value, Shape key) = Roles(inputs);
        CheckFeatures(query.Features, key.Features);
        return query.With(2, value.Features);
    }

    /// <inheritdoc/>
    public override Tensor Forward(ReadOnlySpan<Tensor> inputs, Pass pass)
    {
        Tensor query = Prepare(inputs, pass, out AttentionMemory memory);
        return LooksBack ? AttentionLoop.Run(this, query, memory, pass, out _) : Attend(query, in memory, pass);
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (Dropout > 0) configuration["dropout"] = Dropout;
        if (ReturnAttentionScores) configuration["return_attention_scores"] = true;
    }

    internal override Shape[] OutputShapesOf(ReadOnlySpan<Shape> inputs)
    {
        Shape output = OutputShapeOf(inputs);
        return ReturnAttentionScores ? [output, new Shape(output[0], output[1], Roles(inputs).Value[1])] : [output];
    }

    internal override void Run(ReadOnlySpan<Tensor> inputs, Span<Tensor> outputs, Pass pass)
    {
        if (!ReturnAttentionScores)
        {
            outputs[0] = Forward(inputs, pass);
            return;
        }
        Tensor query = Prepare(inputs, pass, out AttentionMemory memory);
        outputs[0] = LooksBack ? AttentionLoop.Run(this, query, memory, pass, out outputs[1]) : Attend(query, in memory, pass, out outputs[1]);
    }

    /// <summary>
    /// Whether the weights of earlier queries count, so that queries are attended one after another, one a sequence and call, with
    /// <see cref="AttentionMemory.Previous"/> and <see cref="AttentionMemory.Total"/> set from the second on.
    /// </summary>
    internal virtual bool LooksBack => false;

    /// <summary>Computes of keys and values what does not depend on a query.</summary>
    /// <param name="values">[B, Tk, V].</param>
    /// <param name="keys">[B, Tk, K], with the values' lengths.</param>
    /// <param name="pass">Tape and training flag.</param>
    internal abstract AttentionMemory Remember(Tensor values, Tensor keys, Pass pass);

    /// <summary>The weighted averages.</summary>
    /// <param name="queries">[B, Tq, Q].</param>
    /// <param name="memory">From <see cref="Remember"/>.</param>
    /// <param name="pass">Tape and training flag.</param>
    /// <returns>[B, Tq, V], with the queries' lengths.</returns>
    internal virtual Tensor Attend(Tensor queries, in AttentionMemory memory, Pass pass) => Attend(queries, in memory, pass, out _);

    /// <summary>The weighted averages and the weights, which a loss may depend on.</summary>
    /// <param name="queries">[B, Tq, Q].</param>
    /// <param name="memory">From <see cref="Remember"/>.</param>
    /// <param name="pass">Tape and training flag.</param>
    /// <param name="weights">[B, Tq, Tk], with the queries' lengths; zeros past a sequence's keys. Without dropout.</param>
    internal abstract Tensor Attend(Tensor queries, in AttentionMemory memory, Pass pass, out Tensor weights);

    /// <summary>Refuses widths that cannot meet.</summary>
    private protected abstract void CheckFeatures(int query, int key);

    /// <summary>The values averaged by the weights, some of which dropout takes away in training.</summary>
    private protected Tensor Average(Tensor weights, Tensor values, Pass pass) =>
        WeightedValuesOp.Of(pass.Tape, pass.Training ? WeightDropoutOp.Of(pass.Tape, weights, Dropout, Draws(pass), pass.TimeStep) : weights, values);

    /// <summary>Where the drops are drawn.</summary>
    private protected RandomStream Draws(Pass pass) => new RandomStream(pass.Seed, Name, pass.Step).Fork("dropout");

    private protected (Shape Query, Shape Value, Shape Key) Roles(ReadOnlySpan<Shape> inputs)
    {
        if (inputs.Length is < 1 or > 3)
            throw new ArgumentException($"{Title}: expected a query, a value and perhaps a key, received {inputs.Length} inputs. Apply it with Of(query, value) in a functional model.", nameof(inputs));
        Shape query = inputs[0], value = inputs[^1], key = inputs[^1];
        if (inputs.Length == 3) value = inputs[1];
        TimeAxis.Require(this, query, "A query [batch, features] needs a time axis first: RepeatVector(1).");
        TimeAxis.Require(this, value, "Values need a time axis, which the weights are spread over.");
        TimeAxis.Require(this, key, "Keys need the values' time axis.");
        if (!Shape.Meet(query[0], value[0]) || !Shape.Meet(value[0], key[0]) || !Shape.Meet(value[1], key[1]))
            throw new ArgumentException($"{Title}: expected a query [B, Tq, Q], a value [B, Tk, V] and a key [B, Tk, K], received {query}, {value} and {key}.", nameof(inputs));
        return (query, value, key);
    }

    /// <summary>The query, with what it attends to; builds for the actual inputs if need be.</summary>
    private Tensor Prepare(ReadOnlySpan<Tensor> inputs, Pass pass, out AttentionMemory memory)
    {
        if (inputs.Length is < 1 or > 3) throw new ArgumentException($"{Title}: expected a query, a value and perhaps a key, received {inputs.Length} inputs.", nameof(inputs));
        if (!IsBuilt) BuildFor(inputs, pass.Seed);
        memory = Remember(inputs.Length == 3 ? inputs[1] : inputs[^1], inputs[^1], pass);
        return inputs[0];
    }
}
