using System.Net.Http.Json;
using System.Text.Json;
using Vms.Control.Outbox;
using Vms.Control.Tests.Support;
using Vms.Testing;

namespace Vms.Control.Tests.Integrations;

public sealed class MailTests
{
    private const string Password = "pass word of theirs";

    [Theory]
    [InlineData("tls")]
    [InlineData("starttls")]
    public async Task A_message_goes_through_the_operators_server_with_its_picture(string security)
    {
        var certificate = TestCertificate.Make();
        await using var server = await MailServer.StartAsync(new { secure = security == "tls", cert = certificate.Pem, key = certificate.KeyPem, username = "vms", password = Password });
        await using var world = await ControlWorld.StartAsync();
        Assert.Equal("No mail server is set up, or it is switched off", (await world.Http.PostAsync("/api/integrations/smtp/test", new { to = "you@example.org" })).Text("error"));
        await SetAsync(world, server.Port, security, null, Password);
        var untrusted = await world.Http.PostAsync("/api/integrations/smtp/test", new { to = "you@example.org" });
        Assert.Equal("The mail server's certificate is not trusted, or it speaks no TLS here", untrusted.Text("error"));
        await SetAsync(world, server.Port, security, certificate.AuthorityPem, "another");
        Assert.StartsWith("The mail server does not take user and password", (await world.Http.PostAsync("/api/integrations/smtp/test", new { to = "you@example.org" })).Text("error"), StringComparison.Ordinal);
        Assert.Equal("failed", (await world.Http.GetJsonAsync("/api/integrations/smtp")).Text("state"));
        await SetAsync(world, server.Port, security, certificate.AuthorityPem, Password);
        var tested = await world.Http.PostAsync("/api/integrations/smtp/test", new { to = "you@example.org" });
        Assert.Equal(("True", null), (tested.Text("delivered"), tested.Text("error")));
        Assert.Contains("kept as number 7", tested.Text("answer"), StringComparison.Ordinal);

        await AddAsync(world, "you@example.org", new { subject = "Person at the door\r\nBcc: everybody@example.org", text = "At the <door>", image = Convert.ToBase64String([0xFF, 0xD8, 0xFF, 1, 2, 3]) });
        await Eventually.TrueAsync(() => server.Received.Count == 2);
        var message = server.Received[1];
        Assert.Equal(("vms@example.org", "you@example.org", "vms", "True"), (message.Text("from"), message.Text("to.0"), message.Text("user"), message.Text("secure")));
        var raw = message.Text("raw")!;
        Assert.Contains("Subject: Person at the door  Bcc: everybody@example.org", raw, StringComparison.Ordinal);
        Assert.Contains("Content-Type: image/jpeg", raw, StringComparison.Ordinal);
        Assert.Contains("/9j/AQID", raw, StringComparison.Ordinal);      // the picture
        Assert.Contains("At the &lt;door&gt;", raw, StringComparison.Ordinal);
        Assert.Contains("Auto-Submitted: auto-generated", raw, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => await world.Http.GetJsonAsync("/api/integrations/smtp") is var state && (state.Text("state"), state.Text("sent")) == ("connected", "2"));

        // A mailbox that does not exist will not exist later.
        await AddAsync(world, "nobody@example.org", new { type = "object.person", cameraName = "Door" });
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/outbox/dead")).GetProperty("items") is var dead && dead.GetArrayLength() == 1
            && dead[0].Text("error") == "The mail server says 550: no such mailbox");
        Assert.DoesNotContain(Password, (await world.Http.GetJsonAsync("/api/integrations/smtp")).GetRawText() + world.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_is_not_sent_in_the_clear()
    {
        await using var world = await ControlWorld.StartAsync();
        using var clear = await world.Http.PutAsJsonAsync("/api/integrations/smtp", new { settings = new { enabled = true, host = "192.0.2.1", port = 25, security = "none", username = "u", from = "vms" }, password = "p" });
        Assert.Equal(["settings.security:passwordInClear", "settings.from:invalidValue"], (await clear.JsonAsync(400)).FieldCodes());

        // A server that has no TLS gets no password and no message.
        await using var server = await MailServer.StartAsync(new { });
        await SetAsync(world, server.Port, "starttls", null, Password);
        Assert.StartsWith("The mail server does not do what is set", (await world.Http.PostAsync("/api/integrations/smtp/test", new { to = "you@example.org" })).Text("error"), StringComparison.Ordinal);
        Assert.Empty(server.Received);
        using var plain = await world.Http.PutAsJsonAsync("/api/integrations/smtp", new { settings = new { enabled = true, host = "localhost", port = server.Port, security = "none", from = "vms@example.org" }, password = "" });
        await plain.JsonAsync();
        Assert.Equal("True", (await world.Http.PostAsync("/api/integrations/smtp/test", new { to = "you@example.org" })).Text("delivered"));
    }

    private static async Task SetAsync(ControlWorld world, int port, string security, string? authority, string password)
    {
        using var set = await world.Http.PutAsJsonAsync("/api/integrations/smtp", new
        {
            settings = new { enabled = true, host = "localhost", port, security, username = "vms", from = "vms@example.org", caCertificate = authority },
            password,
        });
        await set.JsonAsync();
    }

    private static async Task AddAsync(ControlWorld world, string to, object body)
    {
        await using var connection = await world.Database.OpenConnectionAsync();
        await OutboxTable.AddAsync(connection, null, [new OutboxItem("default", "email", to, "e", DateTimeOffset.UnixEpoch, null, JsonSerializer.SerializeToElement(body))], default);
    }
}
