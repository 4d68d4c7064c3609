using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>What one run of a recurrent layer gave; gradients are empty where it did not go backward.</summary>
internal sealed record RecurrentOutcome(
    Shape Shape, float[] Output, float[][] Finals, float[] InputGradient, float[][] InitialGradients, float[][] ParameterGradients)
{
    /// <summary>Everything with its name.</summary>
    public IEnumerable<(string Name, float[] Values)> Parts() =>
        Forward().Append(("input gradient", InputGradient))
            .Concat(InitialGradients.Select((g, i) => ($"gradient of initial state {i}", g)))
            .Concat(ParameterGradients.Select((g, i) => ($"gradient of parameter {i}", g)));

    /// <summary>The output and the final states with their names.</summary>
    public IEnumerable<(string Name, float[] Values)> Forward() =>
        Finals.Select((f, i) => ($"final state {i}", f)).Prepend(("output", Output));
}

/// <summary>Runs a recurrent layer, of one direction or two, forward and backward.</summary>
internal static unsafe class RecurrentRun
{
    /// <summary>What training passes draw with.</summary>
    public const ulong DrawSeed = 7;
    public const long DrawStep = 3;

    /// <summary>What layers are called: their name is part of what is drawn.</summary>
    public const string Name = "drawn";

    public static RecurrentOutcome Of(Layer layer, RecurrentData data, bool recording = true, float padding = 0, bool training = false)
    {
        var tape = new Tape(recording);
        Tensor x = data.InputTensor(padding);
        Tensor[] initial = data.InitialTensors();
        foreach (Tensor tensor in initial.Prepend(x)) tape.Watch(tensor);
        foreach (Parameter parameter in layer.Parameters) parameter.ClearGradient();
        (Tensor y, Tensor[] finals) = Forward(layer, x, initial, tape, training);
        float[] output = y.ToArray();
        float[][] ends = [.. finals.Select(f => f.ToArray())];
        if (!recording) return new RecurrentOutcome(y.Shape, output, ends, [], [], []);
        Backward(tape, y, data.OutputWeights, finals, data.FinalWeights);
        return new RecurrentOutcome(y.Shape, output, ends, tape.GradientOf(x), [.. initial.Select(tape.GradientOf)],
            [.. layer.Parameters.Select(p => p.GradientToArray())]);
    }

    /// <summary>The output and the final states, h and perhaps c, forward then backward; from initial states in that order.</summary>
    public static (Tensor Output, Tensor[] Finals) Forward(Layer layer, Tensor x, Tensor[] initial, Tape tape, bool training = false)
    {
        var pass = new Pass(tape, training, DrawSeed, DrawStep);
        int each = layer is Bidirectional ? initial.Length / 2 : initial.Length;
        RecurrentState? State(int direction) =>
            each == 0 ? null : new RecurrentState(initial[direction * each], each == 2 ? initial[direction * each + 1] : null);
        if (layer is Bidirectional both)
        {
            (Tensor joined, RecurrentState forward, RecurrentState backward) = both.ForwardWithState(x, State(0), State(1), pass);
            return (joined, [.. Parts(forward), .. Parts(backward)]);
        }
        (Tensor y, RecurrentState final) = ((RecurrentLayer)layer).ForwardWithState(x, State(0), pass);
        return (y, [.. Parts(final)]);
    }

    /// <summary>Backward from gradients of the output and of the final states, of which one may be the output itself.</summary>
    public static void Backward(Tape tape, Tensor y, float[] outputWeights, Tensor[] finals, float[][] finalWeights)
    {
        float[] weights = [.. outputWeights];
        for (int i = 0; i < finals.Length; i++)
        {
            if (!ReferenceEquals(finals[i].Handle, y.Handle)) Seed(tape, finals[i], finalWeights[i]);
            else for (int j = 0; j < weights.Length; j++) weights[j] += finalWeights[i][j];
        }
        tape.Backward(y, weights);
    }

    /// <summary>Puts a row-major gradient into a tensor of the tape.</summary>
    public static void Seed(Tape tape, Tensor tensor, float[] weights)
    {
        var target = new Span<float>(tape.Gradient(tensor), tensor.StoredLength);
        if (tensor.Layout is { } layout) PackRows.Pack(layout, weights, target);
        else weights.CopyTo(target);
    }

    private static Tensor[] Parts(RecurrentState state) => state.Carry is { } carry ? [state.Hidden, carry] : [state.Hidden];
}
