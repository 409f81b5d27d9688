using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Vms.Containers.Integrity;
using Vms.Recorder.Tests.Support;
using Vms.Testing;

namespace Vms.Recorder.Tests.Integrity;

public sealed class AnchoringTests
{
    [Fact]
    public async Task The_heads_of_all_recordings_get_out_to_a_folder_and_an_address_once_a_day()
    {
        using var outside = new TestDirectory();
        var posted = new List<string>();
        bool refuse = true;
        var builder = WebApplication.CreateSlimBuilder();
        await using var server = builder.Build();
        server.Urls.Add("http://127.0.0.1:0");
        server.MapPost("/anchors", async (HttpRequest request) =>
        {
            if (refuse)
            {
                refuse = false;
                return Results.StatusCode(503);
            }

            using var reader = new StreamReader(request.Body);
            posted.Add(await reader.ReadToEndAsync());
            return Results.NoContent();
        });
        await server.StartAsync();
        string address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

        await using var rig = await new RecorderRig(settings: [$"--VMS_ANCHOR_DIR={outside.Path}", $"--VMS_ANCHOR_URL={address}/anchors"]).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), DateTimeOffset.UtcNow.AddHours(-1));
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(110);
        await Eventually.TrueAsync(() => posted.Count > 0, TimeSpan.FromSeconds(90));      // the first try was refused

        using var keys = IntegrityKeys.FromPem(await File.ReadAllTextAsync(Path.Combine(rig.Data, "keys", "integrity.pub")));
        string copy = Assert.Single(Directory.GetFiles(outside.Path));
        Assert.Equal(await File.ReadAllTextAsync(copy), Assert.Single(posted));
        var head = Assert.Single(AnchorRecord.Read(posted[0], keys).Heads);
        Assert.Equal(("cam1", "main"), (head.CameraId, head.Stream));

        await rig.StopAsync();
        var verifier = new ChainVerifier(keys, [Convert.FromHexString(head.Chain)]);
        foreach (string file in rig.Files("cam1"))
        {
            using var stream = File.OpenRead(file);
            Assert.Empty(verifier.Verify(file, stream).Findings);
        }

        Assert.True(verifier.HasSeen(Convert.FromHexString(head.Chain)));
    }
}
