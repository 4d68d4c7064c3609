using Unroll.Basics;

namespace Unroll.Tests.Basics;

public class PhiloxTests
{
    // The "philox4x32 10" lines of Random123's kat_vectors: counter words 0 to 3, key words 0 and 1, answer.
    [Theory]
    [InlineData("00000000 00000000 00000000 00000000 00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8")]
    [InlineData("ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd")]
    [InlineData("243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1")]
    public void Known_answers_of_Random123_are_met(string input, string answer)
    {
        ulong[] words = Words(input);
        ulong[] expected = Words(answer);
        PhiloxBlock block = Philox.Block(words[0] | words[1] << 32, words[2] | words[3] << 32, words[4] | words[5] << 32);
        ulong[] named = [block.Word0, block.Word1, block.Word2, block.Word3];
        ulong[] indexed = [block[0], block[1], block[2], block[3]];
        Assert.Equal(expected, named);
        Assert.Equal(expected, indexed);
    }

    private static ulong[] Words(string text) => [.. text.Split(' ').Select(word => Convert.ToUInt64(word, 16))];
}
