using System.Net.Http.Json;
using Vms.Control.Tests.Support;
using Vms.Testing.FakeDevice;

namespace Vms.Control.Tests.Features.Device;

public sealed class RelayTests(DeviceWorld world) : IClassFixture<DeviceWorld>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Contacts_are_listed_and_switched_and_that_is_on_record()
    {
        await using var camera = await world.OnboardAsync();
        var relays = (await world.Http.GetJsonAsync(camera.Url + "/relays")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(
            [("relay_1", "bistable", "open", null), ("relay_2", "monostable", "closed", "1.5")], relays.Select(r => (r.Text("id"), r.Text("mode"), r.Text("idle"), r.Text("delaySeconds"))));
        foreach (bool active in (bool[])[true, false])
        {
            using var switched = await world.Http.PostAsJsonAsync(camera.Url + "/relays/relay_1", new { active }, Token);
            Assert.Equal(204, (int)switched.StatusCode);
            Assert.Equal(active, camera.Device.Relays.IsActive("relay_1"));
        }

        var noted = (await world.AuditAsync("relay.switched", camera.Id)).GetProperty("items").EnumerateArray().Select(row => row.Text("detail.relay") + " " + row.Text("detail.active"));
        Assert.Equal(["relay_1 False", "relay_1 True"], noted);
    }

    [Fact]
    public async Task A_contact_that_is_not_there_and_a_question_without_an_answer_are_refused()
    {
        await using var camera = await world.OnboardAsync();
        Assert.Equal("relayNotFound", (await world.Http.PostAsync(camera.Url + "/relays/relay_9", new { active = true }, 404)).Text("code"));
        Assert.Equal(["active:required"], (await world.Http.PostAsync(camera.Url + "/relays/relay_1", new { }, 400)).FieldCodes());
        Assert.DoesNotContain("SetRelayOutputState", camera.Device.Requests);
    }

    [Fact]
    public async Task What_the_device_did_not_answer_is_on_record_as_unknown()
    {
        await using var camera = await world.OnboardAsync(quirks => quirks.Broken["SetRelayOutputState"] = BrokenAnswer.Dropped);
        Assert.Equal("deviceUnreachable", (await world.Http.PostAsync(camera.Url + "/relays/relay_1", new { active = true }, 502)).Text("code"));
        Assert.Equal("unknown", await world.Control.ScalarAsync($"select string_agg(result, ' ') from control.audit where action = 'relay.switched' and subject = '{camera.Id}'"));
    }

    [Theory]
    [InlineData("SetRelayOutputState")]
    [InlineData("GetRelayOutputs")]         // the first question with credentials: nothing has proven them on this connection
    public async Task What_the_camera_s_user_may_not_do_says_nothing_of_its_password(string operation)
    {
        await using var camera = await world.OnboardAsync();
        camera.Device.Quirks.Broken[operation] = BrokenAnswer.Forbidden;
        for (int i = 0; i < 2; i++)
            Assert.Equal("deviceRefused", (await world.Http.PostAsync(camera.Url + "/relays/relay_1", new { active = true }, 502)).Text("code"));
        Assert.Null((await world.Http.GetJsonAsync(camera.Url + "/device")).Text("problem"));
        camera.Device.Quirks.Broken.Remove(operation);
        using var switched = await world.Http.PostAsJsonAsync(camera.Url + "/relays/relay_1", new { active = true }, Token);
        Assert.Equal(204, (int)switched.StatusCode);
    }

    [Fact]
    public async Task What_the_device_refuses_is_not_on_record()
    {
        await using var camera = await world.OnboardAsync(quirks => quirks.Broken["SetRelayOutputState"] = BrokenAnswer.OddFault);
        Assert.Equal("deviceRefused", (await world.Http.PostAsync(camera.Url + "/relays/relay_1", new { active = true }, 502)).Text("code"));
        Assert.Equal(0, (await world.AuditAsync("relay.switched", camera.Id)).GetProperty("items").GetArrayLength());
    }
}
