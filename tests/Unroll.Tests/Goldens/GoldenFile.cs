using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Unroll.Tests.Goldens;

/// <summary>The float32 tensors of a safetensors file in this folder: an 8-byte header length, a JSON header, then the numbers.</summary>
internal static class GoldenFile
{
    public static Dictionary<string, float[]> Read(string name)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Goldens", name));
        int header = checked((int)BinaryPrimitives.ReadInt64LittleEndian(file));
        ReadOnlySpan<byte> data = file.AsSpan(8 + header);
        var tensors = new Dictionary<string, float[]>();
        foreach ((string key, JsonNode? entry) in JsonNode.Parse(file.AsSpan(8, header))!.AsObject())
        {
            if (key == "__metadata__") continue;
            if ((string?)entry!["dtype"] != "F32") throw new InvalidDataException($"{name}: tensor '{key}' is {entry["dtype"]}, not F32.");
            int start = (int)entry["data_offsets"]![0]!, end = (int)entry["data_offsets"]![1]!;
            tensors[key] = MemoryMarshal.Cast<byte, float>(data[start..end]).ToArray();
        }
        return tensors;
    }
}
