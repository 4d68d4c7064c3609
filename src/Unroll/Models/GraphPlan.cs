using Unroll.Autograd;
using Unroll.Layers;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Models;

/// <summary>
/// The order in which a functional model computes: calls one after another, each tensor in a place of its own in an array that
/// later passes use again.
/// </summary>
internal sealed class GraphPlan
{
    private readonly string _name;
    private readonly List<LayerCall> _calls = [];
    private readonly Dictionary<LayerOutput, int> _slots = [];
    private readonly int[] _outputSlots;
    private readonly Step[] _steps;
    private readonly int _widest; // the most inputs of a call, which are gathered behind the slots
    private Tensor[]? _free;

    /// <exception cref="ArgumentException">No model: an input that is missing, leads nowhere or is none, or an output twice.</exception>
    public GraphPlan(string name, IReadOnlyList<LayerOutput> inputs, IReadOnlyList<LayerOutput> outputs)
    {
        _name = name;
        if (inputs.Count == 0 || outputs.Count == 0) throw new ArgumentException($"Model '{name}': expected at least one input and one output, received {inputs.Count} and {outputs.Count}.");
        foreach (LayerOutput input in inputs)
        {
            if (input.Call.Layer is not null) throw new ArgumentException($"Model '{name}': {input} is no input but what a layer gives; begin with Input.Of.", nameof(inputs));
            if (!_slots.TryAdd(input, _slots.Count)) throw new ArgumentException($"Model '{name}': {input} is given twice as an input.", nameof(inputs));
        }
        var read = new HashSet<LayerOutput>(outputs);
        if (read.Count != outputs.Count) throw new ArgumentException($"Model '{name}': an output is given twice.", nameof(outputs));
        foreach (LayerOutput output in outputs) Visit(output.Call);
        foreach (LayerCall call in _calls) read.UnionWith(call.Inputs);
        foreach (LayerOutput input in inputs)
            if (!read.Contains(input)) throw new ArgumentException($"Model '{name}': {input} leads to no output; leave it out.", nameof(inputs));
        _outputSlots = [.. outputs.Select(output => _slots[output])];
        _steps = [.. _calls.Select(call => MakeStep(call, outputs))];
        _widest = _calls.Select(call => call.Inputs.Count).DefaultIfEmpty().Max();
    }

    /// <summary>Each call after those that it computes from.</summary>
    public IReadOnlyList<LayerCall> Calls => _calls;

    /// <summary>The calls that compute from an output.</summary>
    public IEnumerable<LayerCall> ReadersOf(LayerOutput output) => _calls.Where(call => call.Inputs.Contains(output));

    /// <summary>The activation with which an output ends and that can be left to a loss.</summary>
    public static Activation? ActivationOf(LayerOutput output) => output.Layer is ModelLayer nested ? nested.Model.FinalActivationOf(output.Index)
        : output.Index == 0 ? output.Layer?.FinalActivation : null;

    /// <summary>Computes all outputs.</summary>
    public void Run(ReadOnlySpan<Tensor> inputs, Span<Tensor> outputs, ReadOnlySpan<bool> beforeActivation, Pass pass, Action<Layer, Tensor>? observe)
    {
        // One array is kept; passes at the same time make their own.
        Tensor[] tensors = Interlocked.Exchange(ref _free, null) ?? new Tensor[_slots.Count + _widest];
        inputs.CopyTo(tensors);
        for (int i = 0; i < _outputSlots.Length; i++)
            if (_outputSlots[i] < inputs.Length) outputs[i] = inputs[_outputSlots[i]];
        foreach (Step step in _steps) step.Run(tensors, tensors.AsSpan(_slots.Count), outputs, beforeActivation, pass, observe);
        Array.Clear(tensors);
        _free = tensors;
    }

    /// <summary>Depth first, inputs from left to right, with a stack of its own: a model may be deep.</summary>
    private void Visit(LayerCall last)
    {
        var open = new Stack<(LayerCall Call, int Next)>();
        open.Push((last, 0));
        while (open.TryPop(out (LayerCall Call, int Next) top))
        {
            if (_slots.ContainsKey(top.Call.Outputs[0])) continue;
            if (top.Call.Layer is null) throw new ArgumentException($"Model '{_name}': the outputs need {top.Call.Outputs[0]}, which is not among the model's inputs.");
            if (top.Next < top.Call.Inputs.Count)
            {
                open.Push((top.Call, top.Next + 1));
                open.Push((top.Call.Inputs[top.Next].Call, 0));
                continue;
            }
            foreach (LayerOutput output in top.Call.Outputs) _slots.Add(output, _slots.Count);
            _calls.Add(top.Call);
        }
    }

    private Step MakeStep(LayerCall call, IReadOnlyList<LayerOutput> outputs) => new(
        call.Layer!, [.. call.Inputs.Select(input => _slots[input])], _slots[call.Outputs[0]],
        [.. call.Outputs.Select(output => outputs.ToList().IndexOf(output))],
        [.. call.Outputs.Select(output => ReadersOf(output).Any())],
        [.. call.Outputs.Select(ActivationOf)]);

    /// <summary>One call, with the places of its tensors.</summary>
    /// <param name="layer">What computes.</param>
    /// <param name="inputs">Where its inputs are.</param>
    /// <param name="slot">Where its first output goes; the others follow.</param>
    /// <param name="outputOf">Which of the model's outputs each output is, or −1.</param>
    /// <param name="isRead">Whether another call computes from each output.</param>
    /// <param name="activations">With what each output ends.</param>
    private sealed class Step(Layer layer, int[] inputs, int slot, int[] outputOf, bool[] isRead, Activation?[] activations)
    {
        public void Run(Tensor[] tensors, Span<Tensor> gathered, Span<Tensor> outputs, ReadOnlySpan<bool> beforeActivation, Pass pass, Action<Layer, Tensor>? observe)
        {
            Span<bool> before = stackalloc bool[activations.Length];
            for (int i = 0; i < before.Length; i++) before[i] = outputOf[i] >= 0 && beforeActivation[outputOf[i]] && activations[i] is not null;
            Span<Tensor> given = gathered[..inputs.Length], results = tensors.AsSpan(slot, activations.Length);
            for (int i = 0; i < inputs.Length; i++) given[i] = tensors[inputs[i]];
            switch (layer)
            {
                case ModelLayer nested:
                    nested.Model.Run(given, results, before, pass, observe);
                    break;
                case MultipleInputLayer multiple:
                    multiple.Run(given, results, pass);
                    break;
                case IStatefulLayer stateful:
                    given[1..].CopyTo(results[1..]);
                    results[0] = stateful.Run(given[0], results[1..], given.Length - 1, pass, out _);
                    break;
                default:
                    results[0] = before[0] ? layer.ForwardBeforeActivation(given[0], pass) : layer.Forward(given[0], pass);
                    break;
            }
            for (int i = 0; i < results.Length; i++)
            {
                observe?.Invoke(layer, results[i]);
                if (outputOf[i] >= 0) outputs[outputOf[i]] = results[i];
                if (before[i] && isRead[i]) results[i] = activations[i]!.Apply(pass.Tape, results[i]);
            }
        }
    }
}
