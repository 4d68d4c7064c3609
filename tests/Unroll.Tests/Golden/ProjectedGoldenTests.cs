using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Support;

namespace Unroll.Tests.Golden;

/// <summary>The projected LSTM's golden file: two layers, each read both ways, with one bias where PyTorch has two.</summary>
public sealed class ProjectedGoldenTests
{
    private const int Batch = 3, Steps = 6, Inputs = 5, CellUnits = 8, Units = 3;

    [Fact]
    public void The_projected_lstm_agrees_with_PyTorch()
    {
        GoldenFile file = GoldenFiles.Open("lstm_projected");
        var tape = new Tape();
        var pass = new Pass(tape);
        Tensor x = Tensor.FromArray(file.Floats("x"), Batch, Steps, Inputs);
        tape.Watch(x);
        Tensor y = x;
        var layers = new List<(string Suffix, Rnn Layer)>();
        var finals = new List<RecurrentState>();
        for (int l = 0; l < 2; l++)
        {
            var outputs = new List<Tensor>();
            foreach (bool back in new[] { false, true })
            {
                string suffix = $"_l{l}{(back ? "_reverse" : "")}";
                int inputs = l == 0 ? Inputs : 2 * Units;
                var layer = new Rnn(new ProjectedLstmCell(CellUnits, Units), returnSequences: true) { GoBackwards = back };
                layer.Build(new Shape(-1, -1, inputs));
                layer.Parameters[0].Set(Transposed(file.Floats("param.weight_ih" + suffix), 4 * CellUnits, inputs));
                layer.Parameters[1].Set(Transposed(file.Floats("param.weight_hh" + suffix), 4 * CellUnits, Units));
                layer.Parameters[2].Set([.. file.Floats("param.bias_ih" + suffix).Zip(file.Floats("param.bias_hh" + suffix), (a, b) => a + b)]);
                layer.Parameters[3].Set(Transposed(file.Floats("param.weight_hr" + suffix), Units, CellUnits));
                layers.Add((suffix, layer));
                (Tensor output, RecurrentState final) = layer.ForwardWithState<RecurrentState>(y, null, pass);
                outputs.Add(output);
                finals.Add(final);
            }
            y = ConcatenateOp.Of(tape, [.. outputs]);
        }
        Tensor Weighted(Tensor values, string weights, int start) =>
            SumOp.Of(tape, MultiplyOp.Of(tape, values, Tensor.FromArray(file.Floats(weights).AsSpan(start, values.Shape.Length), values.Shape.Rank == 3 ? [Batch, Steps, 2 * Units] : [Batch, values.Shape[1]])));
        Tensor loss = Weighted(y, "loss_weight.y", 0);
        for (int i = 0; i < finals.Count; i++)
        {
            loss = AddOp.Of(tape, loss, Weighted(finals[i].Hidden, "loss_weight.h_n", i * Batch * Units));
            loss = AddOp.Of(tape, loss, Weighted(finals[i].Carry!.Value, "loss_weight.c_n", i * Batch * CellUnits));
        }
        tape.Backward(loss);

        GoldenComparison.Close(file.Floats("y"), y.ToArray(), "y");
        GoldenComparison.Close(file.Floats("h_n"), [.. finals.SelectMany(f => f.Hidden.ToArray())], "h_n");
        GoldenComparison.Close(file.Floats("c_n"), [.. finals.SelectMany(f => f.Carry!.Value.ToArray())], "c_n");
        GoldenComparison.Close(file.Floats("grad.x"), tape.GradientOf(x), "grad.x");
        foreach ((string suffix, Rnn layer) in layers)
        {
            GoldenComparison.Close(Transposed(file.Floats("grad.weight_ih" + suffix), 4 * CellUnits, layer.Parameters[0].Shape[0]), layer.Parameters[0].GradientToArray(), "weight_ih" + suffix);
            GoldenComparison.Close(Transposed(file.Floats("grad.weight_hh" + suffix), 4 * CellUnits, Units), layer.Parameters[1].GradientToArray(), "weight_hh" + suffix);
            GoldenComparison.Close(file.Floats("grad.bias_ih" + suffix), layer.Parameters[2].GradientToArray(), "bias_ih" + suffix);
            GoldenComparison.Close(file.Floats("grad.bias_hh" + suffix), layer.Parameters[2].GradientToArray(), "bias_hh" + suffix);
            GoldenComparison.Close(Transposed(file.Floats("grad.weight_hr" + suffix), Units, CellUnits), layer.Parameters[3].GradientToArray(), "weight_hr" + suffix);
        }
    }

    private static float[] Transposed(float[] values, int rows, int columns) =>
        [.. Enumerable.Range(0, rows * columns).Select(i => values[i % rows * columns + i / rows])];
}
