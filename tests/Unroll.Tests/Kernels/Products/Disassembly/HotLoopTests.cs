namespace Unroll.Tests.Kernels.Products.Disassembly;

public class HotLoopTests
{
    private const string Listing =
        """
        ; Assembly listing for method A:Body[Six](byref) (FullOpts)
        ; rsp based frame

        G_M1_IG01:        ; bbWeight=1
               vfmadd213ps ymm9, ymm1, ymm2

        G_M1_IG02:
               mov      rbp, qword ptr [rsp+0x10]
        G_M1_IG03:        ; bbWeight=4
               vmovups  ymm0, ymmword ptr [rbp]
               vfmadd231ps ymm1, ymm0, ymmword ptr [rax]
               dec      rdx
               jne      SHORT G_M1_IG03
               dec      rcx
               jne      G_M1_IG02
               ret

        ; Assembly listing for method A:Body[Two](byref) (FullOpts)
        ; rbp based frame
        G_M2_IG01:
               vfmadd231ps ymm1, ymm0, ymmword ptr [rax]
               vmovups  ymmword ptr [rsp+0x20], ymm1
               vmovups  ymm3, ymmword ptr [rbp-0x40]
               vfmadd213ps ymm2, ymm0, ymmword ptr [rax]
               jne      SHORT G_M2_IG01
        ; Assembly listing for method A:Plain() (FullOpts)
        G_M3_IG01:
               jne      SHORT G_M3_IG01
        """;

    [Fact]
    public void The_innermost_loop_with_multiply_adds_is_found()
    {
        HotLoop loop = HotLoop.All(Listing)[0];
        Assert.Equal("A:Body[Six](byref) (FullOpts)", loop.Method);
        Assert.Equal(4, loop.Instructions.Count);
        Assert.Single(loop.MultiplyAdds);
        Assert.Empty(loop.Faults); // rbp is an ordinary register here, and what stands before the loop does not count
    }

    [Fact]
    public void Spills_and_other_forms_of_the_multiply_add_are_faults()
    {
        IReadOnlyList<HotLoop> loops = HotLoop.All(Listing);
        Assert.Equal(2, loops.Count);
        Assert.Equal(
            ["vmovups  ymmword ptr [rsp+0x20], ymm1", "vmovups  ymm3, ymmword ptr [rbp-0x40]", "vfmadd213ps ymm2, ymm0, ymmword ptr [rax]"],
            loops[1].Faults);
    }
}
