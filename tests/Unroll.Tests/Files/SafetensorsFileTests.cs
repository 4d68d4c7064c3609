using System.Buffers.Binary;
using Unroll.Files;

namespace Unroll.Tests.Files;

public class SafetensorsFileTests
{
    [Fact]
    public void Names_shapes_types_and_metadata_come_in_the_header_s_order()
    {
        using SafetensorsFile file = SafetensorsFile.Open(SafetensorsBytes.Small(), "small");
        Assert.Equal(["weight", "lengths", "half"], file.Names);
        Assert.Equal(["weight F32 [2, 3]", "lengths I32 [1]", "half BF16 [2]"], file.Tensors.Select(tensor => tensor.ToString()));
        Assert.Equal(["task", "note"], file.Metadata.Keys);
        Assert.Equal("größe \"1\"", file.Metadata["note"]);

        Assert.True(file.TryGetInfo("weight", out TensorInfo? info));
        Assert.Equal((6L, 24L, TensorDataType.Float32), (info.ElementCount, info.ByteLength, info.DataType));
        Assert.True(file.Contains("half"));
        Assert.False(file.Contains("Half"));
    }

    [Fact]
    public void Elements_are_read_as_they_were_stored()
    {
        using SafetensorsFile file = SafetensorsFile.Open(SafetensorsBytes.Small(), "small");
        Assert.Equal([1.5f, -2f, 0.25f, 3f, -0.125f, 7f], file.ReadFloats("weight"));
        Assert.Equal([-5L], file.ReadIntegers("lengths"));
        Assert.Equal([1f, -2.5f], file.ReadFloats("half")); // 0x3F80 and 0xC020
        Assert.Equal([1.0, -2.5], file.ReadDoubles("half"));

        var into = new float[6];
        file.ReadFloats("weight", into);
        Assert.Equal(file.ReadFloats("weight"), into);
    }

    [Fact]
    public void Every_type_is_read_in_chunks_as_well_as_whole()
    {
        const int count = 20_001; // more than two chunks of 8192
        byte[] data = new byte[count * 8];
        for (int i = 0; i < count; i++) BinaryPrimitives.WriteDoubleLittleEndian(data.AsSpan(8 * i), 0.1 * i - 7);
        using (SafetensorsFile file = Open("F64", count, data))
        {
            Assert.Equal(Enumerable.Range(0, count).Select(i => 0.1 * i - 7), file.ReadDoubles("w"));
            Assert.Equal(Enumerable.Range(0, count).Select(i => (float)(0.1 * i - 7)), file.ReadFloats("w"));
        }
        for (int i = 0; i < count; i++) BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(8 * i), (long)i * i * i - 3);
        using (SafetensorsFile file = Open("I64", count, data))
            Assert.Equal(Enumerable.Range(0, count).Select(i => (long)i * i * i - 3), file.ReadIntegers("w"));
    }

    [Fact]
    public void Half_precision_follows_IEEE_754()
    {
        // 1, −2, the largest, the smallest subnormal, −∞: the bit patterns of the standard.
        using SafetensorsFile file = Open("F16", 5, [0x00, 0x3C, 0x00, 0xC0, 0xFF, 0x7B, 0x01, 0x00, 0x00, 0xFC]);
        Assert.Equal([1f, -2f, 65504f, 1f / (1 << 24), float.NegativeInfinity], file.ReadFloats("w"));
    }

    [Fact]
    public void Bytes_and_truth_values_are_read_as_whole_numbers()
    {
        using SafetensorsFile bytes = Open("U8", 3, [0, 7, 255]);
        Assert.Equal([0L, 7L, 255L], bytes.ReadIntegers("w"));
        using SafetensorsFile truths = Open("BOOL", 3, [1, 0, 1]);
        Assert.Equal([1L, 0L, 1L], truths.ReadIntegers("w"));
        using SafetensorsFile wrong = Open("BOOL", 3, [1, 0, 2]);
        Assert.Contains("found 2", Assert.Throws<ModelFileException>(() => wrong.ReadIntegers("w")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Single_numbers_and_empty_tensors_are_tensors_too()
    {
        using SafetensorsFile file = SafetensorsFile.Open(SafetensorsBytes.Of(
            """{"empty":{"dtype":"F32","shape":[3,0,9223372036854775807],"data_offsets":[4,4]},"single":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""",
            BitConverter.GetBytes(2.75f)), "edge");
        Assert.Empty(file.ReadFloats("empty"));
        Assert.Equal([2.75f], file.ReadFloats("single"));
        Assert.Equal(1, file.Info("single").ElementCount);
        using SafetensorsFile none = SafetensorsFile.Open(SafetensorsBytes.Of("{}  "), "none");
        Assert.Empty(none.Names);
    }

    [Fact]
    public void The_data_s_order_may_differ_from_the_header_s()
    {
        using SafetensorsFile file = SafetensorsFile.Open(SafetensorsBytes.Of(
            """{"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},"a":{"shape":[1],"extra":[{"x":1}],"data_offsets":[0,1],"dtype":"U8"}}""",
            9, 8, 7), "order");
        Assert.Equal(["b", "a"], file.Names);
        Assert.Equal([8L, 7L], file.ReadIntegers("b"));
        Assert.Equal([9L], file.ReadIntegers("a"));
    }

    [Fact]
    public void Asking_for_what_is_not_there_is_answered_with_what_is()
    {
        using SafetensorsFile file = SafetensorsFile.Open(SafetensorsBytes.Small(), "small");
        Assert.Equal("'small': expected a tensor 'bias', found 'weight', 'lengths', 'half'. Check that the file belongs to this model.",
            Assert.Throws<ModelFileException>(() => file.ReadFloats("bias")).Message);
        Assert.Equal("'small', tensor 'lengths': expected F32, F64, F16 or BF16, found I32. Convert the tensor, or check that the file belongs to this model.",
            Assert.Throws<ModelFileException>(() => file.ReadFloats("lengths")).Message);
        Assert.Equal("'small', tensor 'half': expected I64, I32, U8 or BOOL, found BF16. Convert the tensor, or check that the file belongs to this model.",
            Assert.Throws<ModelFileException>(() => file.ReadIntegers("half")).Message);
        Assert.Contains("the destination has 5 elements, the tensor [2, 3] has 6",
            Assert.Throws<ArgumentException>(() => file.ReadFloats("weight", new float[5])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_threads_may_read_one_file()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("unroll").FullName, "many.safetensors");
        SafetensorsWriter.Write(path, [.. Enumerable.Range(0, 8).Select(i =>
            SafetensorsTensor.Floats($"t{i}", [5000], Enumerable.Range(0, 5000).Select(j => (float)(i * 10_000 + j)).ToArray()))]);
        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            Parallel.For(0, 64, k => Assert.Equal(Enumerable.Range(0, 5000).Select(j => (float)(k % 8 * 10_000 + j)), file.ReadFloats($"t{k % 8}")));
        }
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    private static SafetensorsFile Open(string type, int count, byte[] data) => SafetensorsFile.Open(SafetensorsBytes.Of(
        $$"""{"w":{"dtype":"{{type}}","shape":[{{count}}],"data_offsets":[0,{{data.Length}}]} }""", data), "typed");
}
