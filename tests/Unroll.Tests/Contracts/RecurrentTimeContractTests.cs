using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>What holds for every recurrent layer when time is cut, turned round, very long or empty.</summary>
public sealed class RecurrentTimeContractTests
{
    private const double Rounding = 1e-5;

    public static TheoryData<string> OneWay() => RecurrentCatalogue.Names(v => v.Merge is null);

    public static TheoryData<string> Backward() => RecurrentCatalogue.Names(v => v.GoBackwards);

    public static TheoryData<string> BothWays() => RecurrentCatalogue.Names(v => v.Merge is not null);

    public static TheoryData<string> WithOneBias() => RecurrentCatalogue.Names(v => v is { Merge: null, UseBias: true, SeparateBiases: false });

    public static TheoryData<string> Names() => RecurrentCatalogue.Names(_ => true);

    [Theory]
    [MemberData(nameof(OneWay))]
    public void Two_halves_with_the_state_carried_equal_the_whole(string name)
    {
        const int cut = 3;
        foreach (RecurrentCase one in RecurrentCatalogue.CasesOf(name))
        {
            RecurrentOutcome whole = one.Run();
            bool sequences = one.Setting.ReturnSequences, turned = one.Variant.GoBackwards;
            RecurrentData[] halves = [one.Data.Slice(0, cut, sequences), one.Data.Slice(cut, one.Data.Steps - cut, sequences)];
            var tape = new Tape();
            Layer layer = one.NewLayer();
            Tensor[] x = [halves[0].InputTensor(), halves[1].InputTensor()], initial = one.Data.InitialTensors(), state = initial;
            foreach (Tensor tensor in x.Concat(initial)) tape.Watch(tensor);
            var y = new Tensor[2];
            int first = turned ? 1 : 0, last = 1 - first;
            (y[first], state) = RecurrentRun.Forward(layer, x[first], state, tape);
            (y[last], state) = RecurrentRun.Forward(layer, x[last], state, tape);
            if (sequences) RecurrentRun.Seed(tape, y[first], halves[first].OutputWeights);
            RecurrentRun.Backward(tape, y[last], halves[last].OutputWeights, state, one.Data.FinalWeights);

            float[] Joined(Func<int, float[]> part) => RecurrentData.JoinTime(one.Data.Batch, (part(0), halves[0].Steps), (part(1), halves[1].Steps));
            Agreement.SameBits($"{one}: output", whole.Output, sequences ? Joined(i => y[i].ToArray()) : y[last].ToArray());
            for (int i = 0; i < state.Length; i++) Agreement.SameBits($"{one}: final state {i}", whole.Finals[i], state[i].ToArray());
            Agreement.Close($"{one}: input gradient", whole.InputGradient, Joined(i => tape.GradientOf(x[i])), Rounding);
            for (int i = 0; i < initial.Length; i++) Agreement.Close($"{one}: gradient of initial state {i}", whole.InitialGradients[i], tape.GradientOf(initial[i]), Rounding);
            for (int i = 0; i < layer.Parameters.Count; i++)
                Agreement.Close($"{one}: gradient of parameter {i}", whole.ParameterGradients[i], layer.Parameters[i].GradientToArray(), Rounding);
        }
    }

    [Theory]
    [MemberData(nameof(OneWay))]
    public void A_weight_used_at_every_step_collects_every_steps_gradient(string name)
    {
        foreach (RecurrentCase one in RecurrentCatalogue.CasesOf(name))
        {
            RecurrentOutcome whole = one.Run();
            bool sequences = one.Setting.ReturnSequences;
            int steps = one.Data.Steps;
            // A layer for each step, all of equal weights: each keeps its own step's gradient apart.
            Layer[] layers = [.. Enumerable.Range(0, steps).Select(_ => one.NewLayer())];
            var tape = new Tape();
            Tensor[] state = one.Data.InitialTensors();
            Tensor y = default;
            RecurrentData last = one.Data;
            for (int i = 0; i < steps; i++)
            {
                int t = one.Variant.GoBackwards ? steps - 1 - i : i;
                if (i > 0 && sequences) RecurrentRun.Seed(tape, y, last.OutputWeights);
                last = one.Data.Slice(t, 1, sequences);
                (y, state) = RecurrentRun.Forward(layers[t], last.InputTensor(), state, tape);
            }
            RecurrentRun.Backward(tape, y, last.OutputWeights, state, one.Data.FinalWeights);
            for (int p = 0; p < whole.ParameterGradients.Length; p++)
            {
                var sum = new double[whole.ParameterGradients[p].Length];
                foreach (Layer layer in layers)
                {
                    float[] part = layer.Parameters[p].GradientToArray();
                    for (int i = 0; i < sum.Length; i++) sum[i] += part[i];
                }
                Agreement.Close($"{one}: parameter {p}", sum, whole.ParameterGradients[p], Rounding);
            }
            if (one.Setting is { Ragged: false })
                Assert.All(layers, layer => Assert.Contains(layer.Parameters[0].GradientToArray(), v => v != 0));
        }
    }

    [Theory]
    [MemberData(nameof(Backward))]
    public void Backward_equals_forward_over_the_reversed_sequence(string name)
    {
        foreach (RecurrentCase one in RecurrentCatalogue.CasesOf(name))
        {
            bool sequences = one.Setting.ReturnSequences;
            RecurrentOutcome expected = RecurrentRun.Of(one.NewLayer(one.Variant with { GoBackwards = false }), one.Data.Reversed(sequences));
            RecurrentOutcome found = one.Run();
            Agreement.SameBits($"{one}: output", sequences ? one.Data.ReverseTime(expected.Output) : expected.Output, found.Output);
            for (int i = 0; i < found.Finals.Length; i++) Agreement.SameBits($"{one}: final state {i}", expected.Finals[i], found.Finals[i]);
            Agreement.SameBits($"{one}: input gradient", one.Data.ReverseTime(expected.InputGradient), found.InputGradient);
            for (int i = 0; i < found.InitialGradients.Length; i++)
                Agreement.SameBits($"{one}: gradient of initial state {i}", expected.InitialGradients[i], found.InitialGradients[i]);
            for (int i = 0; i < found.ParameterGradients.Length; i++)
                Agreement.Close($"{one}: gradient of parameter {i}", expected.ParameterGradients[i], found.ParameterGradients[i], Rounding);
        }
    }

    [Theory]
    [MemberData(nameof(BothWays))]
    public void Both_ways_are_the_two_ways_joined(string name)
    {
        foreach (RecurrentCase one in RecurrentCatalogue.CasesOf(name))
        {
            Layer both = one.NewLayer();
            RecurrentOutcome found = RecurrentRun.Of(both, one.Data);
            int states = one.Variant.States / 2, units = one.Setting.Units;
            MergeMode merge = one.Variant.Merge!.Value;
            RecurrentOutcome Way(int direction, float[]? outputWeights)
            {
                RecurrentLayer layer = one.Variant.One(units, one.Setting.ReturnSequences, goBackwards: direction == 1);
                layer.Build(both.InputShape);
                for (int i = 0; i < layer.Parameters.Count; i++) layer.Parameters[i].Set(both.Parameters[direction * layer.Parameters.Count + i].ToArray());
                return RecurrentRun.Of(layer, one.Data with
                {
                    Initial = one.Data.Initial.Length == 0 ? [] : one.Data.Initial[(direction * states)..((direction + 1) * states)],
                    FinalWeights = one.Data.FinalWeights[(direction * states)..((direction + 1) * states)],
                    OutputWeights = outputWeights ?? new float[one.Data.Batch * (one.Setting.ReturnSequences ? one.Data.Steps : 1) * units],
                });
            }
            float[][] outputs = [Way(0, null).Output, Way(1, null).Output];
            int width = one.Variant.WidthOf(units);
            float[] joined = [.. Enumerable.Range(0, found.Output.Length).Select(i => merge switch
            {
                MergeMode.Concat => outputs[i % width / units][i / width * units + i % units],
                MergeMode.Sum => outputs[0][i] + outputs[1][i],
                MergeMode.Multiply => outputs[0][i] * outputs[1][i],
                _ => (outputs[0][i] + outputs[1][i]) / 2,
            })];
            Agreement.SameBits($"{one}: output", joined, found.Output, signOfZero: false);

            float[] w = one.Data.OutputWeights;
            RecurrentOutcome[] ways = [.. Enumerable.Range(0, 2).Select(direction => Way(direction, merge switch
            {
                MergeMode.Concat => [.. Enumerable.Range(0, w.Length / 2).Select(i => w[i / units * width + direction * units + i % units])],
                MergeMode.Sum => w,
                MergeMode.Multiply => [.. w.Select((v, i) => v * outputs[1 - direction][i])],
                _ => [.. w.Select(v => v / 2)],
            }))];
            for (int i = 0; i < found.Finals.Length; i++)
                Agreement.SameBits($"{one}: final state {i}", ways[i / states].Finals[i % states], found.Finals[i]);
            for (int i = 0; i < found.InitialGradients.Length; i++)
                Agreement.Close($"{one}: gradient of initial state {i}", ways[i / states].InitialGradients[i % states], found.InitialGradients[i], Rounding);
            int parameters = found.ParameterGradients.Length / 2;
            for (int i = 0; i < found.ParameterGradients.Length; i++)
                Agreement.Close($"{one}: gradient of parameter {i}", ways[i / parameters].ParameterGradients[i % parameters], found.ParameterGradients[i], Rounding);
            Agreement.Close($"{one}: input gradient",
                [.. ways[0].InputGradient.Zip(ways[1].InputGradient, (a, b) => (double)a + b)], found.InputGradient, Rounding);
        }
    }

    [Theory]
    [MemberData(nameof(WithOneBias))]
    public void Time_cut_into_chunks_gives_the_bits_of_single_steps(string name)
    {
        // 7 rows of up to 600 steps make more rows than a chunk holds for every cell at 70 units (at most 3,276).
        var one = new RecurrentCase(RecurrentCatalogue.Named(name), new RecurrentSetting(70, 7, true, true, true, Steps: 600));
        RecurrentData data = one.Data with { Lengths = [600, 571, 600, 433, 599, 600, 598] };
        Layer layer = one.NewLayer();
        RecurrentOutcome recorded = RecurrentRun.Of(layer, data), whole = RecurrentRun.Of(layer, data, recording: false);
        Agreement.SameBits($"{one}, recording or not", recorded.Forward(), whole.Forward());
        var tape = new Tape(recording: false);
        float[][] states = data.Initial;
        var outputs = new (float[], int)[data.Steps];
        for (int i = 0; i < data.Steps; i++)
        {
            int t = one.Variant.GoBackwards ? data.Steps - 1 - i : i;
            RecurrentData step = data.Slice(t, 1, sequences: true);
            (Tensor y, Tensor[] finals) = RecurrentRun.Forward(layer, step.InputTensor(), (step with { Initial = states }).InitialTensors(), tape);
            outputs[t] = (y.ToArray(), 1);
            states = [.. finals.Select(f => f.ToArray())];
            tape.Reset();
        }
        Agreement.SameBits($"{one}: output", RecurrentData.JoinTime(data.Batch, outputs), whole.Output);
        for (int i = 0; i < states.Length; i++) Agreement.SameBits($"{one}: final state {i}", states[i], whole.Finals[i]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_steps_at_all_give_the_initial_state(string name)
    {
        foreach (RecurrentCase seven in RecurrentCatalogue.CasesOf(name))
        {
            var one = new RecurrentCase(seven.Variant, seven.Setting with { Steps = 0, Ragged = false });
            RecurrentData data = seven.Setting.Ragged ? one.Data with { Lengths = new int[one.Data.Batch] } : one.Data;
            RecurrentOutcome found = RecurrentRun.Of(one.NewLayer(), data);
            int width = one.Variant.WidthOf(one.Setting.Units);
            Assert.Equal(one.Setting.ReturnSequences ? new Shape(data.Batch, 0, width) : new Shape(data.Batch, width), found.Shape);
            for (int i = 0; i < found.Finals.Length; i++)
                Agreement.SameBits($"{one}: final state {i}", data.Initial.Length == 0 ? new float[found.Finals[i].Length] : data.Initial[i], found.Finals[i]);
            Assert.All(found.ParameterGradients, g => Assert.All(g, v => Assert.Equal(0f, v)));
            for (int i = 0; i < found.InitialGradients.Length && one.Setting.ReturnSequences; i++)
                Agreement.SameBits($"{one}: gradient of initial state {i}", data.FinalWeights[i], found.InitialGradients[i]);
            Agreement.SameBits(one.ToString(), found.Forward(), RecurrentRun.Of(one.NewLayer(), data, recording: false).Forward());
        }
    }
}
