using System.Security.Cryptography;
using Vms.Control.Auth;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.Features;

public sealed class IntegrityKeyTests
{
    [Fact]
    public async Task Whoever_may_see_recordings_gets_the_key_that_proves_them_once_the_recorder_has_made_it()
    {
        await using var world = await ControlWorld.StartAsync();
        await (await world.Http.GetAsync("/api/integrity")).ProblemAsync(503, "integrityKeyMissing");

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Directory.CreateDirectory(world.Options.KeysDirectory);
        await File.WriteAllTextAsync(world.Options.IntegrityPublicKeyFile, key.ExportSubjectPublicKeyInfoPem());
        using var viewer = world.AsRole(Role.Operator);
        var answer = await viewer.GetJsonAsync("/api/integrity");
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo())[..8]), answer.Text("keyId"));
        Assert.Equal(("ES256", key.ExportSubjectPublicKeyInfoPem()), (answer.Text("algorithm"), answer.Text("publicKey")));

        using var encoder = world.AsRole(Role.Publisher);
        using var refused = await encoder.GetAsync("/api/integrity");
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, refused.StatusCode);
    }
}
