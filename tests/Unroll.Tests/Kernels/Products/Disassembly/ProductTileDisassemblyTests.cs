using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Unroll.Tests.Support;

namespace Unroll.Tests.Kernels.Products.Disassembly;

/// <summary>
/// The product tile's machine code, as the compiler lists it in a process of its own: the hot loop of a full tile reads nothing
/// from the stack and adds every product to the sum that stays in its register (KERNELS.md 3).
/// </summary>
public class ProductTileDisassemblyTests
{
    // Rows in tiles of six, and panels of four groups.
    private const string Shape = """[{"name": "tile", "cell": "lstm", "batch": 12, "steps": 4, "inputs": 32, "units": 32, "layers": 1, "bidirectional": false}]""";

    [Fact]
    public void The_full_tiles_loop_stays_in_registers()
    {
        if (!Fma.IsSupported) return; // another processor's instructions, or none to look at
        int width = Vector512.IsHardwareAccelerated ? 512 : 256;
        HotLoop loop = FullTile(width, new Dictionary<string, string?>());
        // Six rows of four vectors in 32 registers, of two in 16.
        Assert.Equal(width == 512 ? 24 : 12, loop.MultiplyAdds.Count());
        Assert.True(!loop.Faults.Any(), $"{loop.Method}: {string.Join("; ", loop.Faults)}\nin\n{string.Join('\n', loop.Instructions)}");
    }

    [Fact]
    public void A_tile_with_more_sums_than_registers_is_noticed()
    {
        if (!Fma.IsSupported) return;
        // Vectors of 512 bits on a processor with half of that: 24 sums take 48 registers, of which there are 16.
        HotLoop loop = FullTile(512, new Dictionary<string, string?> { ["DOTNET_EnableAVX512"] = "0", ["UNROLL_SIMD"] = "512" });
        Assert.Contains(loop.Faults, fault => fault.Contains("[rsp", StringComparison.Ordinal) || fault.Contains("[rbp", StringComparison.Ordinal));
    }

    private static HotLoop FullTile(int width, Dictionary<string, string?> environment)
    {
        using var folder = new TemporaryFolder();
        string listing = folder["listing.txt"];
        environment["DOTNET_JitDisasm"] = "*ProductTile:Body*";
        environment["DOTNET_JitStdOutFile"] = listing;
        environment.TryAdd("UNROLL_SIMD", null);
        ProcessOutcome outcome = ProcessRunner.Unroll(null, environment, "bench", "--shapes", folder.Write("shapes.json", Shape), "--seconds", "0.001");
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        return Assert.Single(HotLoop.All(File.ReadAllText(listing)), loop =>
            loop.Method.Contains($"Simd{width},", StringComparison.Ordinal)
            && loop.Method.Contains(width == 512 ? "Six,Unroll.Kernels.Products.Four" : "Six,Unroll.Kernels.Products.Two", StringComparison.Ordinal));
    }
}
