using Unroll.Data;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>
/// Ends training when the validation error has not become smaller for some epochs, and restores the best weights. Those
/// before the first step count as epoch 0: training can only make the validation error smaller.
/// </summary>
internal sealed class BestWeights(Dataset validation, int batchSize, int patience) : Callback
{
    private readonly List<float[]> _weights = [];

    /// <summary>The epoch of the weights kept; 0 for those that training began with.</summary>
    public int BestEpoch { get; private set; }

    /// <summary>The validation error of the weights kept.</summary>
    public double BestLoss { get; private set; }

    /// <inheritdoc/>
    public override void OnTrainBegin(TrainingContext context)
    {
        if (!context.IsResumed) Keep(context, context.Model.Evaluate(validation, batchSize).Loss, 0);
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingContext context, EpochResult result)
    {
        double loss = result["val_loss"];
        if (loss < BestLoss) Keep(context, loss, result.Epoch);
        else if (result.Epoch - BestEpoch >= patience)
            context.Stop($"the validation error was smallest after epoch {BestEpoch} and has not become smaller in {patience} epochs");
    }

    /// <inheritdoc/>
    public override void OnTrainEnd(TrainingContext context)
    {
        for (int i = 0; i < _weights.Count; i++) context.Model.Parameters[i].Set(_weights[i]);
    }

    /// <inheritdoc/>
    public override void SaveState(CallbackState state)
    {
        state.Set("best", BestLoss);
        state.Set("best_epoch", BestEpoch);
        for (int i = 0; i < _weights.Count; i++) state.Set(Name(i), _weights[i]);
    }

    /// <inheritdoc/>
    public override void LoadState(CallbackState state)
    {
        BestLoss = state.Number("best");
        BestEpoch = (int)state.Number("best_epoch");
        _weights.Clear();
        var arrays = new Dictionary<string, float[]>(StringComparer.Ordinal);
        foreach ((string name, float[] values) in state.Arrays) arrays[name] = values;
        for (int i = 0; i < arrays.Count; i++) _weights.Add(arrays[Name(i)]);
    }

    private void Keep(TrainingContext context, double loss, int epoch)
    {
        (BestLoss, BestEpoch) = (loss, epoch);
        _weights.Clear();
        foreach (Parameter parameter in context.Model.Parameters) _weights.Add(parameter.ToArray());
    }

    private static string Name(int index) => "weights_" + index.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
