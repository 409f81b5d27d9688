import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";
import { ifMatch, useFirst } from "./version";

/** A service of the operator's that this installation connects to; never its password. */
export type MqttView = Schemas["IntegrationViewOfMqttSettings"];
export type RabbitMqView = Schemas["IntegrationViewOfRabbitMqSettings"];
export type SmtpView = Schemas["IntegrationViewOfSmtpSettings"];
export type IntegrationView = MqttView | RabbitMqView | SmtpView;

const key = (kind: string) => ["integrations", kind];
/** How a connection is changes by itself. */
const refetchInterval = 5_000;

export function useMqtt() {
  return useQuery({
    queryKey: key("mqtt"),
    queryFn: ({ signal }) => api.get("/api/integrations/mqtt", { signal }),
    refetchInterval,
  });
}

export function useRabbitMq() {
  return useQuery({
    queryKey: key("rabbitmq"),
    queryFn: ({ signal }) => api.get("/api/integrations/rabbitmq", { signal }),
    refetchInterval,
  });
}

export function useSmtp() {
  return useQuery({
    queryKey: key("smtp"),
    queryFn: ({ signal }) => api.get("/api/integrations/smtp", { signal }),
    refetchInterval,
  });
}

export function useSetMqtt(view: MqttView) {
  const version = useFirst(view.generation);
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["IntegrationRequestOfMqttSettings"]) =>
      api.put("/api/integrations/mqtt", { body, ...ifMatch(version) }),
    onSettled: () => queries.invalidateQueries({ queryKey: key("mqtt") }),
  });
}

export function useSetRabbitMq(view: RabbitMqView) {
  const version = useFirst(view.generation);
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["IntegrationRequestOfRabbitMqSettings"]) =>
      api.put("/api/integrations/rabbitmq", { body, ...ifMatch(version) }),
    onSettled: () => queries.invalidateQueries({ queryKey: key("rabbitmq") }),
  });
}

export function useSetSmtp(view: SmtpView) {
  const version = useFirst(view.generation);
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["IntegrationRequestOfSmtpSettings"]) =>
      api.put("/api/integrations/smtp", { body, ...ifMatch(version) }),
    onSettled: () => queries.invalidateQueries({ queryKey: key("smtp") }),
  });
}

/** Sends a message now. */
export function useTestSmtp() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (to: string) => api.post("/api/integrations/smtp/test", { body: { to } }),
    onSettled: () => queries.invalidateQueries({ queryKey: key("smtp") }),
  });
}
