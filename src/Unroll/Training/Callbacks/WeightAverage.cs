using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;
using Unroll.Models;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>
/// What callbacks share that keep an average of the weights beside training: it stands in for the weights while validation
/// runs, and the model has it in the end. Its state is part of a checkpoint, to the bit.
/// </summary>
public abstract unsafe class WeightAverage : Callback
{
    private readonly Dictionary<Parameter, NativeBlock> _averages = [];
    private CallbackState? _loaded;
    private Network? _model;
    private bool _isSwapped;

    private protected WeightAverage(bool validate, bool keepAtEnd) => (Validate, KeepAtEnd) = (validate, keepAtEnd);

    /// <summary>Whether validation after each epoch uses the average.</summary>
    public bool Validate { get; }

    /// <summary>Whether the model has the average when training ends; else it has the last weights.</summary>
    public bool KeepAtEnd { get; }

    /// <summary>How many times weights have been averaged in.</summary>
    public long Updates { get; private set; }

    /// <summary>Puts the average into the model and the model's weights where the average was: twice changes nothing.</summary>
    /// <exception cref="InvalidOperationException">Nothing has been averaged yet.</exception>
    public void Swap(Network model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (Updates == 0) throw new InvalidOperationException($"{GetType().Name}: there is no average yet; train past its first update.");
        foreach (Parameter parameter in model.Parameters)
        {
            Span<float> average = SpanOf(parameter), values = parameter.ValueSpan;
            for (int i = 0; i < values.Length; i++) (values[i], average[i]) = (average[i], values[i]);
            parameter.MarkChanged();
        }
    }

    /// <inheritdoc/>
    public override void OnTrainBegin(TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!context.IsResumed)
        {
            _averages.Clear();
            Updates = 0;
        }
        else if (_loaded is { } state)
        {
            Updates = (long)state.Number("updates");
            foreach (Parameter parameter in context.Model.Parameters)
                if (state.Array(parameter.Name) is { } values) parameter.Pack(values, SpanOf(parameter));
        }
        _loaded = null;
        _model = context.Model;
    }

    /// <inheritdoc/>
    public override void OnValidationBegin(TrainingContext context)
    {
        if (!Validate || Updates == 0) return;
        Swap(context.Model);
        _isSwapped = true;
    }

    /// <inheritdoc/>
    public override void OnValidationEnd(TrainingContext context)
    {
        if (!_isSwapped) return;
        Swap(context.Model);
        _isSwapped = false;
    }

    /// <inheritdoc/>
    public override void OnTrainEnd(TrainingContext context)
    {
        if (KeepAtEnd && Updates > 0) Swap(context.Model);
    }

    /// <inheritdoc/>
    public override void SaveState(CallbackState state)
    {
        state.Set("updates", Updates);
        foreach (Parameter parameter in _model?.Parameters ?? [])
            if (_averages.ContainsKey(parameter)) state.Set(parameter.Name, parameter.Unpacked(SpanOf(parameter)));
    }

    /// <inheritdoc/>
    public override void LoadState(CallbackState state) => _loaded = state;

    /// <summary>average ← average + share·(w − average) for every parameter, in one pass each; the first time the weights themselves.</summary>
    private protected void Add(Network model, float share)
    {
        bool isFirst = Updates++ == 0;
        for (int i = 0; i < model.Parameters.Count; i++)
        {
            Parameter parameter = model.Parameters[i];
            Span<float> average = SpanOf(parameter);
            if (isFirst) parameter.ValueSpan.CopyTo(average);
            else Map.Run(new TowardsMap(share), _averages[parameter].Pointer, parameter.Values, _averages[parameter].Pointer, parameter.StorageLength);
        }
        GC.KeepAlive(model);
    }

    private Span<float> SpanOf(Parameter parameter)
    {
        if (!_averages.TryGetValue(parameter, out NativeBlock? block)) _averages.Add(parameter, block = new NativeBlock(parameter.StorageLength));
        return new Span<float>(block.Pointer, parameter.StorageLength);
    }

    /// <summary>average + share·(w − average).</summary>
    private readonly struct TowardsMap(float share) : IMap2
    {
        private readonly float _share = share;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Of<TSimd, TVector>(TVector average, TVector weight) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            TSimd.MultiplyAdd(TSimd.Broadcast(_share), TSimd.Subtract(weight, average), average);
    }
}
