using Unroll.Files;

namespace Unroll.Tests.Files;

/// <summary>The reader on every file of the Goldens folder, which another program wrote.</summary>
public class GoldenFilesTests
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Goldens");

    [Fact]
    public void Golden_files_are_all_read_to_their_last_byte()
    {
        string[] paths = Directory.GetFiles(Folder, "*.safetensors");
        Assert.True(paths.Length >= 62, $"Expected at least 62 files in '{Folder}', found {paths.Length}.");
        foreach (string path in paths)
        {
            using SafetensorsFile file = SafetensorsFile.Open(path);
            foreach (TensorInfo tensor in file.Tensors)
            {
                long count = tensor.DataType is TensorDataType.Float32
                    ? file.ReadFloats(tensor.Name).Length
                    : file.ReadIntegers(tensor.Name).Length;
                Assert.Equal(tensor.Shape.Aggregate(1L, (product, axis) => product * axis), count);
            }
        }
    }

    // Numbers taken from the files by a separate program.
    [Fact]
    public void Golden_numbers_come_out_in_their_places()
    {
        using SafetensorsFile lstm = SafetensorsFile.Open(Path.Combine(Folder, "lstm_plain.safetensors"));
        Assert.Equal("i f g o", lstm.Metadata["gate_order"]);
        Assert.Equal(17, lstm.Names.Count);
        Assert.Equal([36L, 6L], lstm.Info("param.weight_ih_l0").Shape);
        Assert.Equal([1.0468955039978027f, 0.4149683117866516f, 0.14866305887699127f], lstm.ReadFloats("x")[..3]);
        Assert.Equal(-0.1792401224374771f, lstm.ReadFloats("param.weight_ih_l0")[^1]);
        Assert.Equal([-0.5178959965705872], lstm.ReadDoubles("loss"));

        using SafetensorsFile gru = SafetensorsFile.Open(Path.Combine(Folder, "gru_lengths.safetensors"));
        Assert.Equal([3L, 4L, 8L], gru.ReadIntegers("lengths")[..3]);
        Assert.Equal(8L, gru.ReadIntegers("lengths")[^1]);

        using SafetensorsFile attention = SafetensorsFile.Open(Path.Combine(Folder, "multi_head_attention.safetensors"));
        Assert.Equal(0L, attention.ReadIntegers("key_padding_mask")[0]);
        Assert.Equal(1L, attention.ReadIntegers("key_padding_mask")[^1]);
    }
}
