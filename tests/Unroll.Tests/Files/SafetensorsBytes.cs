using System.Buffers.Binary;
using System.Text;

namespace Unroll.Tests.Files;

/// <summary>Safetensors files put together by hand, so that the reader is not tested against our own writer.</summary>
internal static class SafetensorsBytes
{
    /// <summary>Three tensors, with metadata, in 8 + 208 + 32 bytes.</summary>
    public static byte[] Small() => Of(
        """{"__metadata__":{"task":"mood","note":"größe \"1\""},"weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"lengths":{"dtype":"I32","shape":[1],"data_offsets":[24,28]},"half":{"dtype":"BF16","shape":[2],"data_offsets":[28,32]}}""",
        [.. new[] { 1.5f, -2f, 0.25f, 3f, -0.125f, 7f }.SelectMany(BitConverter.GetBytes), .. BitConverter.GetBytes(-5), 0x80, 0x3F, 0x20, 0xC0]);

    /// <summary>A file of a header and its data.</summary>
    public static byte[] Of(string json, params byte[] data) => Of(Encoding.UTF8.GetBytes(json), data);

    public static byte[] Of(byte[] json, byte[] data)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        return [.. length, .. json, .. data];
    }

    /// <summary>A file of one tensor 'w' of one stated type, shape and place.</summary>
    public static byte[] One(string type, string shape, string offsets, int dataLength) =>
        Of($$"""{"w":{"dtype":"{{type}}","shape":{{shape}},"data_offsets":{{offsets}} } }""", new byte[dataLength]);
}
