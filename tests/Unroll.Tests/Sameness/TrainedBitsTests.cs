using Unroll.Tests.Support;

namespace Unroll.Tests.Sameness;

/// <summary>
/// Training ends in the weights on record, bit for bit, on every machine and in every environment
/// (<see cref="EnvironmentTests"/>).
/// </summary>
[Trait(EnvironmentTests.Trait, EnvironmentTests.Small)]
public sealed class TrainedBitsTests
{
    public static TheoryData<string, string> Recorded => new()
    {
        { "tagger by a step of one's own", "acc042480151a9f46ae1b388c615fecd" },
        { "classifier by Fit", "7071c10b90c98eca93f0868ad610ab51" },
        { "causal Transformer by a step of one's own", "07ec18d0bf1fb4f44a2d293838a1928e" },
        { "BERT with the heads of its pre-training by Fit", "cba19d5313f1d5231871ff56770529e0" },
    };

    /// <summary>An order of summation that was changed on purpose changes these: the message shows the new ones.</summary>
    [Theory]
    [MemberData(nameof(Recorded))]
    public void Twelve_steps_end_in_the_bits_on_record(string name, string expected) =>
        Assert.Equal(expected, TrainedModels.Hash(TrainedModels.All[name](12)));
}
