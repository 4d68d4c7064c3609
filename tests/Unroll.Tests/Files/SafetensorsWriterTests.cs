using System.Text;
using Unroll.Files;

namespace Unroll.Tests.Files;

public class SafetensorsWriterTests
{
    private static readonly float[] Values = [1.5f, -2f, float.NaN, float.NegativeInfinity, -0f, float.Epsilon];

    [Fact]
    public void Bytes_are_exactly_those_of_the_format()
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream,
            [SafetensorsTensor.Floats("ß/w", [1, 2], new[] { 1f, -2f }), SafetensorsTensor.Integers("n", [], new[] { -2L })],
            [new("zebra", "{\"a\": \"b\"}"), new("ant", "")]);
        string header = """{"__metadata__":{"zebra":"{\"a\": \"b\"}","ant":""},"ß/w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"n":{"dtype":"I64","shape":[],"data_offsets":[8,16]}}""";
        byte[] json = Encoding.UTF8.GetBytes(header);
        int padded = (json.Length + 7) / 8 * 8;
        byte[] expected =
        [
            (byte)padded, 0, 0, 0, 0, 0, 0, 0, .. json, .. Enumerable.Repeat((byte)' ', padded - json.Length),
            0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        ];
        Assert.NotEqual(padded, json.Length); // else this test would not see the padding
        Assert.Equal(expected, stream.ToArray());
    }

    [Fact]
    public void What_was_written_is_read_to_the_same_bits()
    {
        byte[] bytes = Bytes();
        using SafetensorsFile file = SafetensorsFile.Open(bytes, "round");
        Assert.Equal(["filled", "held", "counts", "empty"], file.Names);
        Assert.Equal(Values.Select(BitConverter.SingleToInt32Bits), file.ReadFloats("held").Select(BitConverter.SingleToInt32Bits));
        Assert.Equal([0f, 10f, 20f, 0f], file.ReadFloats("filled"));
        Assert.Equal([long.MinValue, -1L, long.MaxValue], file.ReadIntegers("counts"));
        Assert.Empty(file.ReadFloats("empty"));
        Assert.Equal([2L, 3L], file.Info("held").Shape);
        Assert.Equal("line\none\u0001 \U0001F600 <&>", file.Metadata["text"]);
        Assert.Equal(bytes, Bytes());
    }

    [Fact]
    public void Large_tensors_are_written_in_parts_that_join()
    {
        const int count = (1 << 20) * 2 + 3;
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, [SafetensorsTensor.Floats("w", [count], values => { for (int i = 0; i < count; i++) values[i] = i; })]);
        using SafetensorsFile file = SafetensorsFile.Open(stream, "large");
        float[] read = file.ReadFloats("w");
        for (int i = 0; i < count; i++)
        {
            if (read[i] != i) Assert.Fail($"Element {i} is {read[i]}.");
        }
    }

    [Fact]
    public void A_path_is_written_whole_and_replaces_what_was_there()
    {
        string folder = Directory.CreateTempSubdirectory("unroll").FullName, path = Path.Combine(folder, "model.safetensors");
        File.WriteAllText(path, "something else, and longer than what comes: " + new string('x', 5000));
        SafetensorsWriter.Write(path, [SafetensorsTensor.Floats("w", [2], new[] { 3f, 4f })]);
        using (SafetensorsFile file = SafetensorsFile.Open(path)) Assert.Equal([3f, 4f], file.ReadFloats("w"));
        Assert.Equal([path], Directory.GetFiles(folder));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Wrong_tensors_are_refused()
    {
        Refused("comes twice", () => SafetensorsWriter.Write(new MemoryStream(), [Tensor("a"), Tensor("a")]));
        Refused("comes twice", () => SafetensorsWriter.Write(new MemoryStream(), [], [new("k", "1"), new("k", "2")]));
        Refused("is null", () => SafetensorsWriter.Write(new MemoryStream(), [], [new("k", null!)]));
        Refused("keeps this name for metadata", () => Tensor("__metadata__"));
        Refused("[2, 3] has 6 elements, received 5", () => SafetensorsTensor.Floats("w", [2, 3], new float[5]));
        Refused("axis 1 is -1", () => SafetensorsTensor.Floats("w", [2, -1], new float[2]));
        Refused("has more than", () => SafetensorsTensor.Floats("w", [1 << 20, 1 << 20], _ => { }));
        Refused("half a surrogate pair at character 0", () => SafetensorsWriter.Write(new MemoryStream(), [], [new("\ud800", "1")]));
        Refused("half a surrogate pair at character 2", () => SafetensorsWriter.Write(new MemoryStream(), [], [new("k", "\ud83d\ude00\ud800x")]));
        Refused("half a surrogate pair at character 1", () => SafetensorsWriter.Write(new MemoryStream(), [Tensor("a\ude00")]));
    }

    private static void Refused(string message, Action act) =>
        Assert.Contains(message, Assert.ThrowsAny<ArgumentException>(act).Message, StringComparison.Ordinal);

    private static SafetensorsTensor Tensor(string name) => SafetensorsTensor.Floats(name, [1], new float[1]);

    private static byte[] Bytes()
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream,
        [
            SafetensorsTensor.Floats("filled", [4], values => { values[1] = 10; values[2] = 20; }),
            SafetensorsTensor.Floats("held", [2, 3], Values),
            SafetensorsTensor.Integers("counts", [3], new[] { long.MinValue, -1L, long.MaxValue }),
            SafetensorsTensor.Floats("empty", [0, 7], ReadOnlyMemory<float>.Empty),
        ],
        [new("text", "line\none\u0001 \U0001F600 <&>")]);
        return stream.ToArray();
    }
}
