using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>One layer of the loop catalogue in one setting, run in float forward and backward and in double forward.</summary>
internal sealed unsafe record LoopRun(LoopEntry Entry, RecurrentSetting Setting, bool Backwards)
{
    /// <summary>Every combination of the flags.</summary>
    public static IEnumerable<LoopRun> Of(string name, int units = 19, int batch = 7) =>
        from flags in Enumerable.Range(0, 16)
        let entry = LoopCatalogue.Named(name)
        select new LoopRun(entry, new RecurrentSetting(units, batch, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0, entry.Steps), (flags & 8) != 0);

    public Layer NewLayer()
    {
        Layer layer = Entry.Make(Setting.Units, Setting.ReturnSequences, Backwards);
        layer.Build(new Shape(Shape.Unknown, Shape.Unknown, Setting.Inputs));
        for (int i = 0; i < layer.Parameters.Count; i++)
            layer.Parameters[i].Set(RecurrentData.Numbers(layer.Parameters[i].Count, 100 + i, 0.9 / Math.Sqrt(layer.Parameters[i].Shape[0])));
        Entry.Adjust(layer);
        return layer;
    }

    public RecurrentData Data()
    {
        int[] widths = Entry.States(Setting.Units);
        float[][] States(int first) => [.. widths.Select((w, i) => RecurrentData.Numbers(Setting.Batch * w, first + i, 0.8))];
        int width = NewLayer().OutputShape.Features;
        return new RecurrentData(RecurrentData.Numbers(Setting.Batch * Setting.Steps * Setting.Inputs, 1, 1), Setting.Batch, Setting.Steps, Setting.Inputs, Setting.Lengths,
            Setting.InitialState ? States(10) : [], RecurrentData.Numbers(Setting.Batch * (Setting.ReturnSequences ? Setting.Steps : 1) * width, 2, 1), States(20));
    }

    public RecurrentOutcome Run(Layer layer, RecurrentData data, Tape? tape = null)
    {
        tape ??= new Tape();
        Tensor x = data.InputTensor(padding: float.NaN);
        Tensor[] initial = data.InitialTensors();
        foreach (Tensor tensor in initial.Prepend(x)) tape.Watch(tensor);
        foreach (Parameter parameter in layer.Parameters) parameter.ClearGradient();
        (Tensor y, Tensor[] finals) = Entry.Forward(layer, x, initial, new Pass(tape));
        float[] output = y.ToArray();
        float[][] ends = [.. finals.Select(f => f.ToArray())];
        if (!tape.Recording) return new RecurrentOutcome(y.Shape, output, ends, [], [], []);
        // Zeros that pass through sequences without steps have no gradient.
        int[] trained = [.. Enumerable.Range(0, finals.Length).Where(i => finals[i].Buffer.NeedsGradient)];
        RecurrentRun.Backward(tape, y, data.OutputWeights, [.. trained.Select(i => finals[i])], [.. trained.Select(i => data.FinalWeights[i])]);
        return new RecurrentOutcome(y.Shape, output, ends, tape.GradientOf(x), [.. initial.Select(tape.GradientOf)], [.. layer.Parameters.Select(p => p.GradientToArray())]);
    }

    /// <summary>The output and the final states in double precision, batch first, zero in the padding.</summary>
    public double[][] Reference(RecurrentData data, double[] x, double[][] initial, double[][] parameters)
    {
        int[] widths = Entry.States(Setting.Units);
        int width = data.OutputWeights.Length / data.Batch / (Setting.ReturnSequences ? data.Steps : 1);
        var output = new double[data.OutputWeights.Length];
        double[][] finals = [.. widths.Select(w => new double[data.Batch * w])];
        for (int b = 0; b < data.Batch; b++)
        {
            double[][] state = [.. widths.Select((w, i) => initial.Length == 0 ? new double[w] : initial[i][(b * w)..((b + 1) * w)])];
            double[] last = Entry.GivesState ? state[0] : new double[width];
            for (int i = 0, length = data.LengthOf(b); i < length; i++)
            {
                int t = Backwards ? length - 1 - i : i, at = (b * data.Steps + t) * data.Inputs;
                last = Entry.Step(parameters, x[at..(at + data.Inputs)], state);
                if (Setting.ReturnSequences) last.CopyTo(output, (b * data.Steps + t) * width);
            }
            if (!Setting.ReturnSequences) last.CopyTo(output, b * width);
            for (int i = 0; i < widths.Length; i++) state[i].CopyTo(finals[i], b * widths[i]);
        }
        return [output, .. finals];
    }

    public override string ToString() =>
        $"{Entry}; units {Setting.Units}, batch {Setting.Batch}, {(Setting.ReturnSequences ? "every step" : "last step")}, {(Setting.Ragged ? "ragged" : "dense")}, {(Setting.InitialState ? "given state" : "zero state")}, {(Backwards ? "backward" : "forward")}";
}
