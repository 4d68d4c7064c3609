namespace Unroll.Tests.Contracts;

[Collection(VectorWidthCollection.Name)]
public sealed class RecurrentWidthTests
{
    public static TheoryData<string> Names() => RecurrentCatalogue.Names(_ => true);

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_vector_width_gives_the_same_bits_of_outputs_and_gradients(string name)
    {
        foreach (RecurrentCase one in RecurrentCatalogue.CasesOf(name))
        {
            RecurrentOutcome? expected = null;
            VectorWidthCollection.AtEach(width =>
            {
                RecurrentOutcome found = one.Run();
                expected ??= found;
                Agreement.SameBits($"{one}, {width} bits", expected.Parts(), found.Parts());
            });
        }
    }
}
