using System.Text;
using Vms.Control.Auth;
using Vms.Control.Reconciliation;

namespace Vms.Control.Integrations.Mqtt;

/// <summary>Publishes, retained, how each camera is and whether it is armed (analysed), and introduces it to Home Assistant. A camera that is deleted is taken back.</summary>
internal sealed class MqttCameraStates(DesiredState desired, ObservedState observed, CameraStates states, RightsState rights, TimeProvider time)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(200);
    private static readonly string s_version = typeof(MqttCameraStates).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <param name="publish">Retained; an empty payload takes a topic back.</param>
    public async Task RunAsync(MqttTopics topics, MqttSettings settings, Func<string, byte[], CancellationToken, Task> publish, CancellationToken cancellationToken)
    {
        var told = new Dictionary<string, string>(StringComparer.Ordinal);       // payload by topic
        while (true)
        {
            var (wanted, seen) = (desired.Replaced.Next, observed.Changed.Next);
            if (desired.Cameras is { } cameras && rights.Current is { } snapshot)
            {
                var now = new Dictionary<string, string>(StringComparer.Ordinal);
                foreach (var (id, camera) in cameras.Where(c => snapshot.Cameras.GetValueOrDefault(c.Key)?.TenantId is null or Tenants.First))
                {
                    var row = camera.Row.Settings;
                    now[topics.Of(row.SiteId, id, "state")] = states.Of(camera.Row).State;
                    now[topics.Of(row.SiteId, id, "armed")] = row.Analytics.Enabled ? "ON" : "OFF";
                    if (settings.Discovery)
                    {
                        now[HomeAssistant.TopicOf(settings.DiscoveryPrefix, topics, id)] = Encoding.UTF8.GetString(
                            HomeAssistant.Announce(topics, row.SiteId, id, row.Name, s_version, settings.CommandUserId is not null));
                    }
                }

                await TellAsync(told, now, publish, cancellationToken);
            }

            Task any = Task.WhenAny(wanted, seen);
            await any.WaitAsync(s_interval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(s_gather, time, cancellationToken);
        }
    }

    private static async Task TellAsync(
        Dictionary<string, string> told, Dictionary<string, string> now, Func<string, byte[], CancellationToken, Task> publish, CancellationToken cancellationToken)
    {
        foreach (var topic in told.Keys.Where(t => !now.ContainsKey(t)).ToList())
        {
            await publish(topic, [], cancellationToken);
            told.Remove(topic);
        }

        foreach (var (topic, payload) in now.Where(n => told.GetValueOrDefault(n.Key) != n.Value))
        {
            await publish(topic, Encoding.UTF8.GetBytes(payload), cancellationToken);
            told[topic] = payload;
        }
    }
}
