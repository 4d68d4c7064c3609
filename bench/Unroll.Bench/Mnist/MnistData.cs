using System.Buffers.Binary;
using System.IO.Compression;
using Unroll.Tensors;

namespace Unroll.Bench.Mnist;

/// <summary>Reads the idx files of MNIST: images as sequences of rows or of pixels, from 0 to 1.</summary>
internal static class MnistData
{
    private const int Side = 28, ImagesMagic = 2051, LabelsMagic = 2049;

    /// <summary>Images [N, 28, 28], or [N, 784, 1] pixel by pixel, and labels [N].</summary>
    /// <param name="folder">Where the four files are.</param>
    /// <param name="part">"train" or "t10k".</param>
    /// <param name="pixels">Whether a step is a pixel instead of a row.</param>
    /// <param name="first">The first image.</param>
    /// <param name="count">How many.</param>
    public static (Tensor Images, Tensor Labels) Read(string folder, string part, bool pixels, int first, int count)
    {
        byte[] images = Unzip(Path.Combine(folder, $"{part}-images-idx3-ubyte.gz"), ImagesMagic, 16), labels = Unzip(Path.Combine(folder, $"{part}-labels-idx1-ubyte.gz"), LabelsMagic, 8);
        if (images.Length != labels.Length * Side * Side) throw new InvalidDataException($"{folder}: {part} has {labels.Length} labels and {images.Length} pixels.");
        float[] values = [.. images.Skip(first * Side * Side).Take(count * Side * Side).Select(b => b / 255f)];
        Tensor x = pixels ? Tensor.FromArray(values, count, Side * Side, 1) : Tensor.FromArray(values, count, Side, Side);
        return (x, Tensor.FromArray([.. labels.Skip(first).Take(count).Select(b => (float)b)], count));
    }

    /// <summary>Images pixel by pixel at half the size: the mean of each 2 × 2 pixels, [N, 196, 1].</summary>
    /// <param name="pixels">[N, 784, 1].</param>
    public static Tensor Halved(Tensor pixels)
    {
        int count = pixels.Shape[0], side = Side / 2;
        float[] large = pixels.ToArray(), small = new float[count * side * side];
        for (int i = 0; i < small.Length; i++)
        {
            int corner = (i / side * 2 * Side) + (i % side * 2); // images lie one below the other
            small[i] = (large[corner] + large[corner + 1] + large[corner + Side] + large[corner + Side + 1]) / 4;
        }
        return Tensor.FromArray(small, count, side * side, 1);
    }

    private static byte[] Unzip(string path, int magic, int header)
    {
        using var stream = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        byte[] bytes = memory.ToArray();
        if (bytes.Length < header || BinaryPrimitives.ReadInt32BigEndian(bytes) != magic) throw new InvalidDataException($"{path}: expected an idx file with number {magic}.");
        return bytes[header..];
    }
}
