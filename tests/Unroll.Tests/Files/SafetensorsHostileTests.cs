using System.Buffers.Binary;
using Unroll.Basics;
using Unroll.Files;

namespace Unroll.Tests.Files;

public class SafetensorsHostileTests
{
    /// <summary>A file's bytes and a part of the message that it must get.</summary>
    public static TheoryData<string, byte[], string> Cases() => new()
    {
        { "header longer than the file", [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 1], "announce a header of 4294967295 bytes, but only 1 follow" },
        { "header length negative", [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, (byte)'{', (byte)'}'], "announce a header of 18446744073709551615 bytes" },
        { "no header", [0, 0, 0, 0, 0, 0, 0, 0], "the header does not begin with '{'" },
        { "a list for a header", SafetensorsBytes.Of("[]"), "the header does not begin with '{'" },
        { "blanks before the header", SafetensorsBytes.Of(" {}"), "the header does not begin with '{'" },
        { "bad UTF-8", SafetensorsBytes.Of([(byte)'{', (byte)'"', 0xC3, 0x28, (byte)'"', (byte)':', (byte)'1', (byte)'}'], []), "the header is not UTF-8" },
        { "half a surrogate pair", SafetensorsBytes.Of("""{"\ud800":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}""", 1), "the header is not valid JSON" },
        { "text behind the header", SafetensorsBytes.Of("{} x"), "the header is not valid JSON" },
        { "a second header", SafetensorsBytes.Of("{}{}"), "the header is not valid JSON" },
        { "a header cut short", SafetensorsBytes.Of("""{"w":{"dtype":"U8","""), "the header is not valid JSON" },
        { "deep nesting", SafetensorsBytes.Of($$"""{"w":{"x":{{new string('[', 5000)}}{{new string(']', 5000)}} } }"""), "the header is not valid JSON" },
        { "a tensor that is a list", SafetensorsBytes.Of("""{"w":[]}"""), "tensor 'w': expected an object with dtype, shape and data_offsets, found a list" },
        { "no dtype", SafetensorsBytes.Of("""{"w":{"shape":[],"data_offsets":[0,1]}}""", 1), "dtype is missing" },
        { "no shape", SafetensorsBytes.Of("""{"w":{"dtype":"U8","data_offsets":[0,1]}}""", 1), "shape is missing" },
        { "no offsets", SafetensorsBytes.Of("""{"w":{"dtype":"U8","shape":[]}}""", 1), "data_offsets is missing" },
        { "dtype a number", SafetensorsBytes.Of("""{"w":{"dtype":8,"shape":[],"data_offsets":[0,1]}}""", 1), "expected dtype to be text, found a number" },
        { "dtype null", SafetensorsBytes.Of("""{"w":{"dtype":null,"shape":[],"data_offsets":[0,1]}}""", 1), "expected dtype to be text, found null" },
        { "dtype twice", SafetensorsBytes.Of("""{"w":{"dtype":"U8","dtype":"U8","shape":[],"data_offsets":[0,1]}}""", 1), "dtype is given twice" },
        { "unknown dtype", SafetensorsBytes.One("F8_E4M3", "[1]", "[0,1]", 1), "expected the element type F32, F64, F16, BF16, I64, I32, U8 or BOOL, found 'F8_E4M3'" },
        { "shape a number", SafetensorsBytes.One("U8", "1", "[0,1]", 1), "expected shape to be a list of whole numbers, found a number" },
        { "shape of text", SafetensorsBytes.One("U8", "[\"1\"]", "[0,1]", 1), "expected shape to be a list of whole numbers, found text in it" },
        { "shape of lists", SafetensorsBytes.One("U8", "[[1]]", "[0,1]", 1), "expected shape to be a list of whole numbers, found a list in it" },
        { "negative axis", SafetensorsBytes.One("U8", "[-1]", "[0,1]", 1), "expected shape to be whole numbers from 0 to 2^63 - 1, found '-1'" },
        { "two negative axes", SafetensorsBytes.One("U8", "[-1,-1]", "[0,1]", 1), "found '-1'" },
        { "fractional axis", SafetensorsBytes.One("U8", "[1.5]", "[0,1]", 1), "found '1.5'" },
        { "axis beyond 64 bits", SafetensorsBytes.One("U8", "[9223372036854775808]", "[0,1]", 1), "found '9223372036854775808'" },
        { "product wraps to one", SafetensorsBytes.One("U8", "[4294967296,4294967296,1]", "[0,0]", 0), "has more elements than any file can hold" },
        { "bytes wrap to zero", SafetensorsBytes.One("F32", "[4611686018427387904]", "[0,0]", 0), "has more elements than any file can hold" },
        { "shape larger than offsets", SafetensorsBytes.One("F32", "[2,3]", "[0,20]", 20), "F32 [2, 3] takes 24 bytes, data_offsets [0, 20] hold 20" },
        { "offsets in reverse", SafetensorsBytes.One("U8", "[1]", "[1,0]", 1), "expected data_offsets to be a beginning and an end not before it, found [1, 0]" },
        { "three offsets", SafetensorsBytes.One("U8", "[1]", "[0,1,2]", 1), "expected data_offsets to be a beginning and an end not before it, found [0, 1, 2]" },
        { "offsets beyond the file", SafetensorsBytes.One("U8", "[2000000000]", "[0,2000000000]", 5), "its data ends at byte 2000000000, but the file has 5 bytes of data" },
        { "offsets at the end of numbers", SafetensorsBytes.One("U8", "[9223372036854775807]", "[0,9223372036854775807]", 5), "its data ends at byte 9223372036854775807" },
        { "hole at the beginning", SafetensorsBytes.One("U8", "[1]", "[1,2]", 2), "its data begins at byte 1, expected 0" },
        { "trailing data", SafetensorsBytes.One("U8", "[1]", "[0,1]", 3), "the tensors take 1 bytes of data, but the file has 3" },
        { "trailing data without tensors", SafetensorsBytes.Of("{}", 1), "the tensors take 0 bytes of data, but the file has 1" },
        { "overlap", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 1, 2, 3), "tensor 'b': its data begins at byte 1, inside the tensor before it, which ends at byte 2" },
        { "hole in between", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}""", 1, 2, 3), "tensor 'b': its data begins at byte 2, expected 1" },
        { "one name twice", SafetensorsBytes.Of("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 1, 2), "the name 'a' is given twice" },
        { "metadata twice", SafetensorsBytes.Of("""{"__metadata__":{},"__metadata__":{}}"""), "the name '__metadata__' is given twice" },
        { "metadata key twice", SafetensorsBytes.Of("""{"__metadata__":{"k":"1","\u006b":"2"}}"""), "the metadata 'k' is given twice" },
        { "metadata of numbers", SafetensorsBytes.Of("""{"__metadata__":{"k":1}}"""), "expected text for the metadata 'k', found a number" },
        { "metadata a list", SafetensorsBytes.Of("""{"__metadata__":[]}"""), "expected '__metadata__' to be an object of text, found a list" },
        { "a name that plays with the terminal", SafetensorsBytes.Of("""{"\u001b[2J":1}"""), "tensor '\\u001b[2J': expected an object" },
        { "a name of ten thousand letters", SafetensorsBytes.Of($$"""{"{{new string('n', 10_000)}}":1}"""), $"tensor '{new string('n', 80)}…'" },
        { "a zip archive, as PyTorch saves", [.. "PK\u0003\u0004"u8, .. new byte[60]], "announce a header of" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_lie_is_answered_with_file_expected_and_found(string lie, byte[] bytes, string message)
    {
        ModelFileException refusal = Assert.Throws<ModelFileException>(() => SafetensorsFile.Open(bytes, "bad.safetensors"));
        Assert.StartsWith("'bad.safetensors'", refusal.Message, StringComparison.Ordinal);
        Assert.True(refusal.Message.Contains(message, StringComparison.Ordinal), $"{lie}: expected '{message}' in '{refusal.Message}'");
    }

    [Fact]
    public void Every_prefix_of_a_file_is_refused()
    {
        byte[] whole = SafetensorsBytes.Small();
        for (int length = 0; length < whole.Length; length++)
        {
            ModelFileException refusal = Assert.Throws<ModelFileException>(() => SafetensorsFile.Open(whole[..length], "prefix"));
            Assert.StartsWith("'prefix'", refusal.Message, StringComparison.Ordinal);
        }
        SafetensorsFile.Open(whole, "whole").Dispose();
    }

    [Fact]
    public void Flipped_bits_are_refused_or_read_and_nothing_else()
    {
        byte[] whole = SafetensorsBytes.Small();
        int headerEnd = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(whole);
        int refused = 0, read = 0;
        for (int trial = 0; trial < 6000; trial++)
        {
            var draws = new RandomStream(2024, "flips", trial);
            byte[] bytes = [.. whole];
            int flips = 1 + draws.Below(3, 0);
            for (int flip = 0; flip < flips; flip++) bytes[draws.Below(headerEnd, 2 * flip + 1)] ^= (byte)(1 << draws.Below(8, 2 * flip + 2));
            try
            {
                using SafetensorsFile file = SafetensorsFile.Open(bytes, "flipped");
                foreach (TensorInfo tensor in file.Tensors)
                {
                    if (tensor.DataType is TensorDataType.Int64 or TensorDataType.Int32 or TensorDataType.UInt8 or TensorDataType.Boolean) file.ReadIntegers(tensor.Name);
                    else file.ReadFloats(tensor.Name);
                }
                read++;
            }
            catch (ModelFileException)
            {
                refused++;
            }
        }
        Assert.Equal(6000, refused + read);
        Assert.InRange(refused, 1500, 5999);
        Assert.InRange(read, 100, 4500);
    }

    [Fact]
    public void A_header_beyond_the_bound_is_refused_before_anything_is_allocated()
    {
        // A sparse file: 101 MB long on paper, nothing on the disk.
        string path = Path.Combine(Directory.CreateTempSubdirectory("unroll").FullName, "long.safetensors");
        using (FileStream stream = File.Create(path))
        {
            stream.Write(BitConverter.GetBytes(101_000_000L));
            stream.SetLength(101_000_008);
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        ModelFileException refusal = Assert.Throws<ModelFileException>(() => SafetensorsFile.Open(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        Assert.Contains("announce a header of 101000000 bytes; at most 100000000 are read", refusal.Message, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void A_path_that_cannot_be_opened_is_named_with_the_reason()
    {
        string folder = Directory.CreateTempSubdirectory("unroll").FullName;
        string missing = Path.Combine(folder, "none.safetensors"), deeper = Path.Combine(folder, "no", "none.safetensors");
        Assert.Equal($"'{missing}' cannot be opened: there is no such file. Check the path.", Assert.Throws<ModelFileException>(() => SafetensorsFile.Open(missing)).Message);
        Assert.Equal($"'{deeper}' cannot be opened: there is no such file. Check the path.", Assert.Throws<ModelFileException>(() => SafetensorsFile.Open(deeper)).Message);
        Assert.Equal($"'{folder}' cannot be opened: it is a folder. Give the path of a file.", Assert.Throws<ModelFileException>(() => SafetensorsFile.Open(folder)).Message);
        string empty = Path.Combine(folder, "empty.safetensors");
        File.WriteAllBytes(empty, []);
        Assert.Contains($"'{empty}': expected at least 8 bytes, found 0.", Assert.Throws<ModelFileException>(() => SafetensorsFile.Open(empty)).Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_file_that_shrinks_while_open_is_refused()
    {
        using var stream = new MemoryStream();
        stream.Write(SafetensorsBytes.Small());
        using SafetensorsFile file = SafetensorsFile.Open(stream, "shrinking");
        stream.SetLength(stream.Length - 10);
        Assert.Contains("tensor 'half': the file became shorter", Assert.Throws<ModelFileException>(() => file.ReadFloats("half")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stream_that_cannot_seek_is_refused()
    {
        using var pipe = new System.IO.Compression.GZipStream(new MemoryStream(), System.IO.Compression.CompressionMode.Decompress);
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Open(pipe, "pipe"));
    }
}
