using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Files;
using Unroll.Layers;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Support;

namespace Unroll.Tests.Golden;

/// <summary>
/// Every recurrent golden file: outputs, final states and every gradient that PyTorch computed in double precision, within
/// 5e-6 of the tensor's largest magnitude.
/// </summary>
public class RecurrentGoldenTests
{
    private const float Tolerance = 5e-6f;

    /// <summary>Files whose parts a later version brings, each with what is missing.</summary>
    private static readonly Dictionary<string, string> s_notYet = new() { ["lstm_projected"] = "the projected LSTM" };

    public static TheoryData<string> Files()
    {
        var data = new TheoryData<string>();
        foreach (string prefix in new[] { "rnn_", "lstm_", "gru_" })
            foreach (string name in GoldenFiles.Names(prefix))
                if (!s_notYet.ContainsKey(name)) data.Add(name);
        return data;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Golden_recurrent_layers_agree_with_PyTorch(string name)
    {
        using var file = SafetensorsFile.Open(Path.Combine(GoldenFiles.Folder, name + ".safetensors"));
        int batch = Number(file, "batch"), steps = Number(file, "steps"), inputs = Number(file, "inputs"), units = Number(file, "units");
        int directions = bool.Parse(file.Metadata["bidirectional"]) ? 2 : 1;
        List<Layer> layers = Build(file, inputs, units, directions);
        var tape = new Tape();
        var pass = new Pass(tape);
        Tensor x = Tensor.FromArray(file.ReadFloats("x"), batch, steps, inputs);
        if (file.Contains("lengths")) x = x.WithLengths([.. file.ReadIntegers("lengths").Select(n => (int)n)]);
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
            if (file.Contains("c_n")) loss = AddOp.Of(tape, loss, WeightedPart(tape, file, "loss_weight.c_n", finals[i].Carry!.Value, i));
        }
        tape.Backward(loss);

        Close("y", file.ReadFloats("y"), y.ToArray());
        Close("h_n", file.ReadFloats("h_n"), [.. finals.SelectMany(f => f.Hidden.ToArray())]);
        if (file.Contains("c_n")) Close("c_n", file.ReadFloats("c_n"), [.. finals.SelectMany(f => f.Carry!.Value.ToArray())]);
        Close("grad.x", file.ReadFloats("grad.x"), tape.GradientOf(x));
        if (hidden.Length > 0) Close("grad.h0", file.ReadFloats("grad.h0"), [.. hidden.SelectMany(tape.GradientOf)]);
        if (carry is not null) Close("grad.c0", file.ReadFloats("grad.c0"), [.. carry.SelectMany(tape.GradientOf)]);
        for (int l = 0; l < layers.Count; l++)
            foreach (Parameter parameter in layers[l].Parameters)
            {
                string theirs = "grad." + PyTorchWeights.NameOf(parameter, l);
                Close(theirs, PyTorchWeights.Convert(parameter, file.ReadFloats(theirs)), parameter.GradientToArray());
            }
    }

    [Fact]
    public void Every_golden_left_out_is_named_with_its_reason()
    {
        foreach (string name in s_notYet.Keys) Assert.Contains(name, GoldenFiles.Names("lstm_"));
    }

    private static List<Layer> Build(SafetensorsFile file, int inputs, int units, int directions)
    {
        var options = (JsonObject)JsonNode.Parse(file.Metadata["options"])!;
        bool useBias = (bool?)options["bias"] ?? true;
        string activation = (string?)options["nonlinearity"] ?? "tanh";
        var layers = new List<Layer>();
        for (int l = 0; l < Number(file, "layers"); l++)
        {
            RecurrentLayer one = file.Metadata["kind"] switch
            {
                "RNN" => new SimpleRnn(units, activation, returnSequences: true) { UseBias = useBias, SeparateBiases = true },
                "LSTM" => new Lstm(units, returnSequences: true) { UseBias = useBias, SeparateBiases = true },
                _ => new Gru(units, returnSequences: true) { UseBias = useBias, SeparateBiases = true },
            };
            Layer layer = directions == 2 ? new Bidirectional(one) : one;
            layer.Build(new Shape(Shape.Unknown, Shape.Unknown, l == 0 ? inputs : units * directions));
            foreach (Parameter parameter in layer.Parameters)
                parameter.Set(PyTorchWeights.Convert(parameter, file.ReadFloats("param." + PyTorchWeights.NameOf(parameter, l))));
            layers.Add(layer);
        }
        return layers;
    }

    private static Tensor[]? States(SafetensorsFile file, string name, int batch)
    {
        if (!file.Contains(name)) return null;
        float[] all = file.ReadFloats(name);
        int count = (int)file.Info(name).Shape[0], length = all.Length / count;
        return [.. Enumerable.Range(0, count).Select(i => Tensor.FromArray(all.AsSpan(i * length, length), batch, length / batch))];
    }

    private static Tensor Weighted(Tape tape, SafetensorsFile file, string name, Tensor y)
    {
        Shape shape = y.Shape;
        return SumOp.Of(tape, MultiplyOp.Of(tape, y, Tensor.FromArray(file.ReadFloats(name), shape[0], shape[1], shape[2])));
    }

    private static Tensor WeightedPart(Tape tape, SafetensorsFile file, string name, Tensor state, int index)
    {
        int length = state.Shape.Length;
        float[] weights = file.ReadFloats(name);
        return SumOp.Of(tape, MultiplyOp.Of(tape, state, Tensor.FromArray(weights.AsSpan(index * length, length), state.Shape[0], state.Shape[1])));
    }

    private static int Number(SafetensorsFile file, string key) => int.Parse(file.Metadata[key], CultureInfo.InvariantCulture);

    private static void Close(string what, float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        float largest = expected.Max(MathF.Abs);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(MathF.Abs(expected[i] - actual[i]) <= Tolerance * largest, $"{what}[{i}]: expected {expected[i]:R}, found {actual[i]:R} (largest {largest}).");
    }
}
