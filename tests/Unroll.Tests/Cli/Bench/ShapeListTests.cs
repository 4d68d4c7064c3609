using Unroll.Inference;
using Unroll.Cli;
using Unroll.Cli.Bench;
using Unroll.Tests.Support;

namespace Unroll.Tests.Cli.Bench;

public class ShapeListTests
{
    private const string Good = """{"name": "a", "cell": "gru", "batch": 2, "steps": 3, "inputs": 4, "units": 5, "layers": 6, "bidirectional": true, "lengths": "linear"}""";

    [Fact]
    public void A_shape_is_read_with_all_its_fields()
    {
        Assert.Equal([new BenchShape("a", "gru", 2, 3, 4, 5, 6, true, true)], ShapeList.Parse($"[{Good}]", "f.json"));
        BenchShape plain = Assert.Single(ShapeList.Parse($"[{Good.Replace(", \"lengths\": \"linear\"", "", StringComparison.Ordinal)}]", "f.json"));
        Assert.False(plain.Ragged);
        const string stream = """{"name": "s", "cell": "lstm", "batch": 1, "steps": 1, "inputs": 4, "units": 5, "layers": 1, "weights": "int8"}""";
        Assert.Equal([new BenchShape("s", "lstm", 1, 1, 4, 5, 1, false, false, StreamWeights.Int8)], ShapeList.Parse($"[{stream}]", "f.json"));
    }

    [Theory]
    [InlineData("{", "f.json, line 1: this is not JSON.")]
    [InlineData("[]", "f.json: expected a list of at least one shape")]
    [InlineData("[3]", "f.json, shape 1: expected an object")]
    [InlineData("""[{"cell": "gru"}]""", "f.json, shape 1: field 'name' is missing or empty.")]
    [InlineData("""[{"name": "a", "cell": "cnn"}]""", "f.json, shape 1 ('a'): field 'cell' is 'cnn'; expected one of rnn, lstm, gru, rnn_elu, ind_rnn, peephole_lstm, coupled_lstm, lstm_clip, lstm_hard, gru_before, gru_hard, min_gru, min_lstm, own_lstm, projected_lstm, layer_norm_lstm, layer_norm_gru, jordan.")]
    [InlineData("""[{"name": "a", "cell": "gru", "batch": 0}]""", "f.json, shape 1 ('a'): field 'batch' is 0; expected a whole number from 1 to 1,000,000.")]
    [InlineData("""[{"name": "a", "cell": "gru", "batch": 1, "steps": 2.5}]""", "f.json, shape 1 ('a'): field 'steps' is 2.5; expected a whole number from 1 to 1,000,000.")]
    [InlineData("""[{"name": "a", "cell": "gru", "batch": 1}]""", "f.json, shape 1 ('a'): field 'steps' is missing")]
    [InlineData("""[{"name": "a", "cell": "gru", "lengths": "random"}]""", "f.json, shape 1 ('a'): field 'lengths' is 'random'; expected linear, or no such field.")]
    [InlineData("""[{"name": "a", "cell": "gru", "weights": "int4"}]""", "f.json, shape 1 ('a'): field 'weights' is 'int4'; expected float32, bf16 or int8.")]
    [InlineData("""[{"name": "a", "cell": "gru", "batch": 1, "steps": 2, "inputs": 3, "units": 4, "layers": 1, "weights": "bf16"}]""", "f.json, shape 1 ('a'): field 'weights' is for a stream;")]
    public void A_wrong_list_is_refused_with_its_place(string json, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<InputException>(() => ShapeList.Parse(json, "f.json")).Message, StringComparison.Ordinal);

    [Fact]
    public void The_embedded_list_has_20_different_shapes()
    {
        IReadOnlyList<BenchShape> shapes = ShapeList.Embedded();
        Assert.Equal(20, shapes.Select(shape => shape.Name).Distinct().Count());
        Assert.Equal(new BenchShape("ragged_gru_256_bi", "gru", 32, 60, 128, 256, 1, true, true), shapes.Single(shape => shape.Name == "ragged_gru_256_bi"));
        Assert.Equal(new BenchShape("ptb_small", "lstm", 20, 20, 200, 200, 2, false, false), shapes.Single(shape => shape.Name == "ptb_small"));
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_named()
    {
        Assert.StartsWith("nowhere.json: the list of shapes cannot be read: no such file.", Assert.Throws<InputException>(() => ShapeList.Read("nowhere.json")).Message, StringComparison.Ordinal);
        string folder = Path.GetTempPath();
        Assert.StartsWith($"{folder}: expected a JSON file with shapes, found a folder.", Assert.Throws<InputException>(() => ShapeList.Read(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bench_writes_its_figures_as_json()
    {
        using var shapes = new TemporaryFile("""
            [{"name": "two", "cell": "lstm", "batch": 2, "steps": 3, "inputs": 4, "units": 5, "layers": 2, "bidirectional": true, "lengths": "linear"},
             {"name": "one", "cell": "rnn", "batch": 1, "steps": 1, "inputs": 4, "units": 5, "layers": 1, "bidirectional": false}]
            """, ".json");
        using var json = new TemporaryFile("", ".json");
        ProcessOutcome outcome = ProcessRunner.Unroll("bench", "--shapes", shapes.Path, "--threads", "1", "--seconds", "0.01", "--json", json.Path);
        Assert.Equal(0, outcome.ExitCode);
        System.Text.Json.Nodes.JsonNode root = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(json.Path))!;
        Assert.InRange((double)root["peak_gflops"]!, 0.1, 1e5);
        System.Text.Json.Nodes.JsonArray results = root["results"]!.AsArray();
        Assert.Equal(["two", "one"], results.Select(result => (string)result!["name"]!));
        Assert.All(results, result => Assert.InRange((double)result!["forward_percent_of_peak"]!, 1e-6, 100));
        Assert.All(results, result => Assert.Equal(0, (long)result!["allocated_bytes_per_step"]!));
        Assert.True((double)results[0]!["train_ms"]! > 0);
        Assert.True(results[1]!.AsObject().ContainsKey("train_ms") && results[1]!["train_ms"] is null && results[1]!["train_percent_of_peak"] is null);
        Assert.Contains("peak ", outcome.Output, StringComparison.Ordinal);
    }
}
