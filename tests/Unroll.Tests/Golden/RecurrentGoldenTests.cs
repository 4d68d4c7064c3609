using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Sameness;
using Unroll.Tests.Support;

namespace Unroll.Tests.Golden;

/// <summary>
/// Every recurrent golden file: outputs, final states and every gradient that PyTorch computed in double precision, within
/// 5e-6 of the tensor's largest magnitude.
/// </summary>
[Trait(EnvironmentTests.Trait, EnvironmentTests.Small)]
public class RecurrentGoldenTests
{
    /// <summary>A cell of composed operations, with a test of its own (<see cref="ProjectedGoldenTests"/>).</summary>
    private const string Projected = "lstm_projected";

    public static TheoryData<string> Files()
    {
        var data = new TheoryData<string>();
        foreach (string prefix in new[] { "rnn_", "lstm_", "gru_" })
            foreach (string name in GoldenFiles.Names(prefix))
                if (name != Projected) data.Add(name);
        return data;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Golden_recurrent_layers_agree_with_PyTorch(string name)
    {
        GoldenFile file = GoldenFiles.Open(name);
        int batch = Number(file, "batch"), steps = Number(file, "steps"), inputs = Number(file, "inputs"), units = Number(file, "units");
        int directions = bool.Parse(file.Metadata("bidirectional")!) ? 2 : 1;
        List<Layer> layers = Build(file, inputs, units, directions);
        var tape = new Tape();
        var pass = new Pass(tape);
        Tensor x = Tensor.FromArray(file.Floats("x"), batch, steps, inputs);
        if (file.Has("lengths")) x = x.WithLengths([.. file.Floats("lengths").Select(n => (int)n)]);
        tape.Watch(x);

        (Tensor[] hidden, Tensor[]? carry) = (States(file, "h0", batch) ?? [], States(file, "c0", batch));
        foreach (Tensor state in hidden.Concat(carry ?? [])) tape.Watch(state);
        Tensor y = x;
        var finals = new List<RecurrentState>();
        for (int l = 0; l < layers.Count; l++)
        {
            RecurrentState? Initial(int direction) =>
                hidden.Length == 0 ? null : new RecurrentState(hidden[l * directions + direction], carry?[l * directions + direction]);
            if (layers[l] is Bidirectional both)
            {
                (y, RecurrentState forward, RecurrentState backward) = both.ForwardWithState(y, Initial(0), Initial(1), pass);
                finals.AddRange([forward, backward]);
            }
            else
            {
                (y, RecurrentState final) = ((RecurrentLayer)layers[l]).ForwardWithState(y, Initial(0), pass);
                finals.Add(final);
            }
        }
        Tensor loss = Weighted(tape, file, "loss_weight.y", y);
        for (int i = 0; i < finals.Count; i++)
        {
            loss = AddOp.Of(tape, loss, WeightedPart(tape, file, "loss_weight.h_n", finals[i].Hidden, i));
            if (file.Has("c_n")) loss = AddOp.Of(tape, loss, WeightedPart(tape, file, "loss_weight.c_n", finals[i].Carry!.Value, i));
        }
        tape.Backward(loss);

        GoldenComparison.Close(file.Floats("y"), y.ToArray(), "y");
        GoldenComparison.Close(file.Floats("h_n"), [.. finals.SelectMany(f => f.Hidden.ToArray())], "h_n");
        if (file.Has("c_n")) GoldenComparison.Close(file.Floats("c_n"), [.. finals.SelectMany(f => f.Carry!.Value.ToArray())], "c_n");
        GoldenComparison.Close(file.Floats("grad.x"), tape.GradientOf(x), "grad.x");
        if (hidden.Length > 0) GoldenComparison.Close(file.Floats("grad.h0"), [.. hidden.SelectMany(tape.GradientOf)], "grad.h0");
        if (carry is not null) GoldenComparison.Close(file.Floats("grad.c0"), [.. carry.SelectMany(tape.GradientOf)], "grad.c0");
        for (int l = 0; l < layers.Count; l++)
            foreach (Parameter parameter in layers[l].Parameters)
            {
                string theirs = "grad." + PyTorchWeights.NameOf(parameter, l);
                GoldenComparison.Close(PyTorchWeights.Convert(parameter, file.Floats(theirs)), parameter.GradientToArray(), theirs);
            }
    }

    private static List<Layer> Build(GoldenFile file, int inputs, int units, int directions)
    {
        var options = (JsonObject)JsonNode.Parse(file.Metadata("options")!)!;
        bool useBias = (bool?)options["bias"] ?? true;
        string activation = (string?)options["nonlinearity"] ?? "tanh";
        var layers = new List<Layer>();
        for (int l = 0; l < Number(file, "layers"); l++)
        {
            RecurrentLayer one = file.Metadata("kind")! switch
            {
                "RNN" => new SimpleRnn(units, activation, returnSequences: true) { UseBias = useBias, SeparateBiases = true },
                "LSTM" => new Lstm(units, returnSequences: true) { UseBias = useBias, SeparateBiases = true },
                _ => new Gru(units, returnSequences: true) { UseBias = useBias, SeparateBiases = true },
            };
            Layer layer = directions == 2 ? new Bidirectional(one) : one;
            layer.Build(new Shape(Shape.Unknown, Shape.Unknown, l == 0 ? inputs : units * directions));
            foreach (Parameter parameter in layer.Parameters)
                parameter.Set(PyTorchWeights.Convert(parameter, file.Floats("param." + PyTorchWeights.NameOf(parameter, l))));
            layers.Add(layer);
        }
        return layers;
    }

    private static Tensor[]? States(GoldenFile file, string name, int batch)
    {
        if (!file.Has(name)) return null;
        float[] all = file.Floats(name);
        int count = file.Shape(name)[0], length = all.Length / count;
        return [.. Enumerable.Range(0, count).Select(i => Tensor.FromArray(all.AsSpan(i * length, length), batch, length / batch))];
    }

    private static Tensor Weighted(Tape tape, GoldenFile file, string name, Tensor y)
    {
        Shape shape = y.Shape;
        return SumOp.Of(tape, MultiplyOp.Of(tape, y, Tensor.FromArray(file.Floats(name), shape[0], shape[1], shape[2])));
    }

    private static Tensor WeightedPart(Tape tape, GoldenFile file, string name, Tensor state, int index)
    {
        int length = state.Shape.Length;
        float[] weights = file.Floats(name);
        return SumOp.Of(tape, MultiplyOp.Of(tape, state, Tensor.FromArray(weights.AsSpan(index * length, length), state.Shape[0], state.Shape[1])));
    }

    private static int Number(GoldenFile file, string key) => int.Parse(file.Metadata(key)!, CultureInfo.InvariantCulture);
}
