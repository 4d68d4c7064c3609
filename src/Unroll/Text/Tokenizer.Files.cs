namespace Unroll.Text;

public abstract partial class Tokenizer
{
    private const string Format = "unroll-tokenizer";

    /// <summary>Writes the tokenizer with its vocabulary as JSON. Equal tokenizers give equal bytes; the file is replaced as a whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">The file cannot be written; the message has the path and the reason.</exception>
    public void Save(string path) => JsonTextFile.Write(path, Format, TokenizerCatalogue.Describe(this));

    /// <summary>Reads a tokenizer of any kind that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="TextFileException">No such file, no tokenizer, a kind that is not known, or settings or a vocabulary that it refuses.</exception>
    public static Tokenizer Load(string path) => JsonTextFile.Read(path, Format, TokenizerCatalogue.Make);
}
