using Unroll.Basics;
using Unroll.Files;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Tests.Support;
using Unroll.Text;

namespace Unroll.Tests.Text;

public class ModelTokenizerTests
{
    private static Sequential Model(int vocabulary, Tokenizer? tokenizer)
    {
        var model = new Sequential(new Shape(-1, -1)) { new Embedding(vocabulary, 3), new Lstm(2), new Dense(2) };
        model.Tokenizer = tokenizer;
        return model;
    }

    [Fact]
    public void A_model_keeps_its_tokenizer()
    {
        using var folder = new TemporaryFolder();
        WordTokenizer tokenizer = WordTokenizer.FromTexts(["so good"], lowerCase: true);
        Model(8, tokenizer).Save(folder["model"]); // two rows more than tokens, room to grow
        Tokenizer read = Network.Load(folder["model"]).Tokenizer!;
        Assert.Equal(tokenizer.Encode("Good so bad"), read.Encode("Good so bad"));
        Assert.Same(tokenizer, Model(6, tokenizer).Copy().Tokenizer);
        Model(6, null).Save(folder["none"]);
        Assert.Null(Network.Load(folder["none"]).Tokenizer);
        Assert.DoesNotContain("tokenizer", SafetensorsFile.Open(File.ReadAllBytes(folder["none"]), "none").Metadata.Keys);
    }

    [Fact]
    public void A_vocabulary_that_the_embedding_has_no_rows_for_is_refused_with_both_sizes()
    {
        using var folder = new TemporaryFolder();
        Sequential model = Model(259, new ByteTokenizer());
        Assert.Contains("the tokenizer has 260 tokens, and the layer 'embedding' has rows for 259", Assert.Throws<InvalidOperationException>(() => model.Save(folder["model"])).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["model"]));
        model.Tokenizer = null;
        model.Save(folder["model"]);
        Dictionary<string, string> metadata;
        var tensors = new List<SafetensorsTensor>();
        using (SafetensorsFile file = SafetensorsFile.Open(folder["model"]))
        {
            metadata = new Dictionary<string, string>(file.Metadata) { ["tokenizer"] = TokenizerCatalogue.Describe(new ByteTokenizer()).ToJsonString() };
            foreach (TensorInfo info in file.Tensors) tensors.Add(SafetensorsTensor.Floats(info.Name, [.. info.Shape.Select(axis => (int)axis)], file.ReadFloats(info.Name)));
        }
        SafetensorsWriter.Write(folder["model"], tensors, metadata);
        Assert.Contains("260 tokens, and the layer 'embedding' has rows for 259", Assert.Throws<ModelFileException>(() => Network.Load(folder["model"])).Message, StringComparison.Ordinal);
        metadata["tokenizer"] = "{}";
        SafetensorsWriter.Write(folder["model"], tensors, metadata);
        Assert.Contains("Tokenizer: 'kind' is missing", Assert.Throws<ModelFileException>(() => Network.Load(folder["model"])).Message, StringComparison.Ordinal);
    }
}
