using System.Text.Json.Nodes;
using Unroll.Files;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Text;

namespace Unroll.Tasks;

public sealed partial class Translator
{
    private const string Section = "translator";

    /// <summary>Writes network and tokenizers to one safetensors file, which <see cref="Model.Load"/> reads too. Equal training gives equal bytes.</summary>
    /// <exception cref="IOException">The file cannot be written; the message has the path and the reason.</exception>
    public void Save(string path)
    {
        Model.Extras[Section] = new JsonObject
        {
            ["source_tokenizer"] = TokenizerCatalogue.Describe(SourceTokenizer),
            ["target_tokenizer"] = TokenizerCatalogue.Describe(TargetTokenizer),
            ["lower_case"] = LowerCase,
            ["maximum_length"] = MaximumLength,
        };
        Model.Save(path);
    }

    /// <summary>Reads a translator that <see cref="Save"/> wrote; it gives the same translations.</summary>
    /// <exception cref="ModelFileException">No such file, no model in it, one that is no translator, or a vocabulary that does not fit the weights.</exception>
    public static Translator Load(string path)
    {
        Network network = Network.Load(path);
        if (network is not Model model || model.Extras[Section] is not JsonObject section)
            throw new ModelFileException($"'{path}': expected a translator, found a model without a section '{Section}'. Read it with Network.Load, or train a translator.");
        try
        {
            bool lowerCase = (bool?)section["lower_case"] ?? throw new InvalidDataException("the field 'lower_case' is absent");
            int maximumLength = (int?)section["maximum_length"] ?? throw new InvalidDataException("the field 'maximum_length' is absent");
            if (maximumLength < 2) throw new InvalidDataException($"expected a maximum length of at least 2, found {maximumLength}");
            Embedding read = model.Layers.OfType<Embedding>().FirstOrDefault() ?? throw new InvalidDataException("the model has no embedding of source tokens");
            AttentiveDecoder decoder = model.Layers.OfType<AttentiveDecoder>().FirstOrDefault() ?? throw new InvalidDataException("the model has no attentive decoder");
            return new Translator(model, Text("source_tokenizer", read.Vocabulary), Text("target_tokenizer", decoder.Vocabulary), maximumLength);

            TranslationText Text(string name, int rows)
            {
                Tokenizer tokenizer = TokenizerCatalogue.Make(section[name] as JsonObject ?? throw new InvalidDataException($"the field '{name}' is absent"));
                return tokenizer.Vocabulary is { Count: int count, BeginningId: not null, EndId: not null } && count <= rows ? new TranslationText(tokenizer, lowerCase)
                    : throw new InvalidDataException($"expected a {name} of at most {rows} tokens with a beginning and an end, as the weights have rows, found one of {tokenizer.Vocabulary.Count}");
            }
        }
        catch (Exception cause) when (cause is InvalidDataException or ArgumentException or FormatException or InvalidOperationException)
        {
            throw new ModelFileException($"'{path}': its description of the translator cannot be used: {cause.Message}", cause);
        }
    }
}
