using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Cli;
using Unroll.Cli.Bench.LanguageModel;
using Unroll.Files;
using Unroll.Losses;
using Unroll.Tensors;
using Unroll.Tests.Support;

namespace Unroll.Tests.Cli.Bench;

public class CharacterModelTests
{
    private static readonly string s_text = string.Concat(Enumerable.Range(0, 400).Select(i => (char)('a' + (i * i + i / 7) % 11)));

    [Fact]
    public void The_carried_state_makes_batches_of_a_row_one_sequence()
    {
        // Learning nothing, two batches of 4 steps have the losses of one batch of 8, half by half.
        CharacterModel halves = Model(steps: 4), whole = Model(steps: 8), one = Model(steps: 4);
        float first = Frozen(halves).Step(), second = halves.Step();
        Assert.Equal(Frozen(whole).Step(), 0.5f * (first + second), 1e-6f);
        // Without the state the second batch would have another loss than it has.
        CharacterText text = CharacterText.Of(s_text, "t", 3, 4);
        var characters = new float[12];
        var next = new float[12];
        text.CopyBatch(4, 4, characters, next);
        var tape = new Tape();
        Tensor x = one.Forward(Tensor.FromArray(characters, 3, 4), new Pass(tape));
        Assert.NotEqual(second, Loss.SparseCategoricalCrossEntropy().Of(x, Tensor.FromArray(next, 3, 4)).Item);
    }

    [Fact]
    public void The_state_begins_anew_when_the_rows_end()
    {
        CharacterModel model = Frozen(Model(steps: 60)); // rows of 133 characters: two batches
        float first = model.Step(), second = model.Step(), again = model.Step();
        Assert.Equal(first, again);
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void A_step_learns_and_allocates_nothing_once_warm()
    {
        CharacterModel model = Model(steps: 10);
        model.Optimizer.LearningRate = 0.02f;
        float first = model.Step();
        for (int i = 0; i < 300; i++) model.Step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        float last = model.Step();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(last < 0.9f * first, $"{first} to {last}");
    }

    [Fact]
    public void Weights_in_pytorchs_form_are_transposed_into_place()
    {
        CharacterModel model = Model(steps: 4);
        using var folder = new TemporaryFolder();
        string path = folder["weights.safetensors"];
        int number = 0;
        SafetensorsTensor Floats(string name, params int[] shape) =>
            SafetensorsTensor.Floats(name, shape, values => { for (int i = 0; i < values.Length; i++) values[i] = number++ * 1e-3f; });
        SafetensorsTensor[] tensors =
        [
            Floats("embedding.weight", 11, 6),
            Floats("lstm.weight_ih_l0", 24, 6), Floats("lstm.weight_hh_l0", 24, 6), Floats("lstm.bias_ih_l0", 24), Floats("lstm.bias_hh_l0", 24),
            Floats("lstm.weight_ih_l1", 24, 6), Floats("lstm.weight_hh_l1", 24, 6), Floats("lstm.bias_ih_l1", 24), Floats("lstm.bias_hh_l1", 24),
            Floats("output.weight", 11, 6), Floats("output.bias", 11),
        ];
        SafetensorsWriter.Write(path, tensors, []);
        TorchWeights.Read(model, path);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal(file.ReadFloats("embedding.weight"), model.Parameters[0].ToArray());
        // [24, 6] there, [6, 24] here: our element (1, 0) is their (0, 1).
        Assert.Equal(file.ReadFloats("lstm.weight_ih_l1")[1], model.Parameters[5].ToArray()[24]);
        Assert.Equal(file.ReadFloats("lstm.bias_hh_l1"), model.Parameters[8].ToArray());
        Assert.Equal(file.ReadFloats("output.weight")[2 * 6 + 3], model.Parameters[9].ToArray()[3 * 11 + 2]);

        var wider = new CharacterModel(CharacterText.Of(s_text, "t", 3, 4), 7, 2, 4, seed: 1);
        Assert.Contains("tensor 'embedding.weight': expected [11, 7], found [11, 6].", Assert.Throws<InputException>(() => TorchWeights.Read(wider, path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_verb_writes_speed_and_losses()
    {
        using var folder = new TemporaryFolder();
        string text = folder.Write("text.txt", s_text), losses = folder["losses.txt"], json = folder["out.json"];
        ProcessOutcome outcome = ProcessRunner.Unroll("bench", "language-model", text, "--units", "6", "--batch", "3", "--steps", "10", "--iterations", "5", "--threads", "2", "--losses", losses, "--json", json);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains(" characters/s, loss ", outcome.Output, StringComparison.Ordinal);
        float[] values = [.. File.ReadAllLines(losses).Select(line => float.Parse(line, CultureInfo.InvariantCulture))];
        Assert.Equal(15, values.Length);
        JsonNode result = JsonNode.Parse(File.ReadAllText(json))!;
        Assert.Equal(values[^1], (float)result["loss"]!);
        Assert.Equal((2, 6, 2), ((int)result["threads"]!, (int)result["units"]!, (int)result["layers"]!));
        Assert.True((double)result["characters_per_second"]! > 0);
    }

    private static CharacterModel Model(int steps) => new(CharacterText.Of(s_text, "t", 3, steps), 6, 2, steps, seed: 3);

    private static CharacterModel Frozen(CharacterModel model)
    {
        model.Optimizer.LearningRate = 0;
        return model;
    }
}
