using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Branches that read the same input and whose outputs are added: y = Σ branchᵢ(x). For example a recurrent branch
/// beside a linear one, so that the recurrent one learns what the linear one leaves.
/// </summary>
public sealed class ParallelSum : CompositeLayer
{
    internal const string KindName = "parallel_sum";

    /// <summary>Branches side by side; a branch of several layers is a <see cref="Stack"/>.</summary>
    /// <param name="branches">At least one; not built yet, and in no other model. All give outputs of one shape.</param>
    /// <exception cref="ArgumentException">No branch, one that is built, one given twice, or two of one name.</exception>
    public ParallelSum(params Layer[] branches)
        : this(branches, null)
    {
    }

    /// <summary>Named branches side by side.</summary>
    /// <param name="branches">At least one; not built yet, and in no other model. All give outputs of one shape.</param>
    /// <param name="name">Unique in its model, or null.</param>
    /// <exception cref="ArgumentException">No branch, one that is built, one given twice, or two of one name.</exception>
    public ParallelSum(IReadOnlyList<Layer> branches, string? name)
        : base(branches, name)
    {
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        Shape first = Layers[0].OutputShapeOf(input);
        for (int i = 1; i < Layers.Count; i++)
        {
            Shape other = Layers[i].OutputShapeOf(input);
            if (other != first)
                throw new ArgumentException($"{Title}: expected branches of one output shape, found {first} from branch 0 and {other} from branch {i}. Their outputs are added.", nameof(input));
        }
        return first;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        Tensor sum = Layers[0].Forward(input, pass);
        for (int i = 1; i < Layers.Count; i++) sum = AddOp.Of(pass.Tape, sum, Layers[i].Forward(input, pass));
        return sum;
    }

    internal static ParallelSum FromConfiguration(JsonObject configuration) => new(ReadLayers(KindName, configuration));

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed)
    {
        for (int i = 0; i < Layers.Count; i++) BuildInner(i, input, seed);
    }
}
