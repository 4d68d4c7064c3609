using Unroll.Kernels.Recurrent;
using Unroll.Kernels.Scans;
using Unroll.Kernels.Streaming;
using Unroll.Layers;

namespace Unroll.Inference;

/// <summary>Makes the stages of a model's layers, and refuses layers that cannot answer step by step.</summary>
internal sealed class StreamStages(StreamWeights weights)
{
    private readonly List<RecurrentStage> _states = [];

    /// <summary>The stages with a state, in the layers' order.</summary>
    public RecurrentStage[] States => [.. _states];

    /// <summary>The stages of layers in a row; a layer that passes its input on has none.</summary>
    public StreamStage[] Of(IEnumerable<Layer> layers)
    {
        var stages = new List<StreamStage>();
        foreach (Layer layer in layers) Append(layer, stages);
        return [.. stages];
    }

    private void Append(Layer layer, List<StreamStage> stages)
    {
        switch (layer)
        {
            case RecurrentLayer { GoBackwards: true }:
            case MinimalRecurrentLayer { GoBackwards: true }:
                throw Refusal(layer, "reads each sequence from its last step, which a stream has not seen yet. Use Predict on whole sequences, or a layer that reads forward");
            case RecurrentLayer recurrent:
                RecurrentStage stage = Recurrent(recurrent);
                _states.Add(stage);
                stages.Add(stage);
                break;
            case MinimalRecurrentLayer minimal:
                RecurrentStage scan = Scan(minimal);
                _states.Add(scan);
                stages.Add(scan);
                break;
            case Dense dense:
                stages.Add(Linear(dense));
                if (dense.FinalActivation is { } activation) stages.Add(new ActivationStage(activation, dense.Units));
                break;
            case Embedding embedding:
                stages.Add(new EmbeddingStage(embedding));
                break;
            case ActivationLayer { FinalActivation: { } function }:
                stages.Add(new ActivationStage(function, layer.OutputShape.Features));
                break;
            case LayerNormalization normalization:
                stages.Add(new LayerNormStage(normalization));
                break;
            case Stack stack:
                foreach (Layer inner in stack.Layers) Append(inner, stages);
                break;
            case ParallelSum sum:
                stages.Add(new ParallelSumStage([.. sum.Layers.Select(branch => Of([branch]))], sum.OutputShape.Features));
                break;
            case Dropout or SpatialDropout or ActivationLayer or ActivityRegularization or TemporalActivityRegularization:
            case Flatten when layer.InputShape.Rank == 2:
                break; // they give their input on
            case Bidirectional:
                throw Refusal(layer, "reads each sequence from its last step too, which a stream has not seen yet. Use Predict on whole sequences, or a recurrent layer in one direction");
            case Flatten:
                throw Refusal(layer, "joins all steps of a sequence. Use Predict on whole sequences, or a recurrent layer without ReturnSequences in its place");
            default:
                throw Refusal(layer, "has no rule for one step. Use Predict on whole sequences");
        }
    }

    private static NotSupportedException Refusal(Layer layer, string reason) => new($"OpenStream: {layer.Title} cannot be streamed: it {reason}.");

    private StreamStage Linear(Layer layer) => weights switch
    {
        StreamWeights.BFloat16 => new LinearStage<BFloat16Product>(layer, weights),
        StreamWeights.Int8 => new LinearStage<Int8Product>(layer, weights),
        _ => new LinearStage<Float32Product>(layer, weights),
    };

    private RecurrentStage Scan(MinimalRecurrentLayer layer) =>
        layer is MinGru ? new ScanStage<MinGruGate>(layer, Linear(layer)) : new ScanStage<MinLstmGate>(layer, Linear(layer));

    private RecurrentStage Recurrent(RecurrentLayer layer) => CellKernels.Of(layer.Cell, layer.Options).Accept(new StageOf(layer, weights));

    private sealed class StageOf(RecurrentLayer layer, StreamWeights weights) : ICellVisitor<RecurrentStage>
    {
        public RecurrentStage Visit<TCell>() where TCell : struct, ICellKernel => weights switch
        {
            StreamWeights.BFloat16 => new RecurrentStage<TCell, BFloat16Product>(layer, weights),
            StreamWeights.Int8 => new RecurrentStage<TCell, Int8Product>(layer, weights),
            _ => new RecurrentStage<TCell, Float32Product>(layer, weights),
        };
    }
}
