import { queryOptions } from '@tanstack/react-query';
import { api, body, type Schemas } from './client.ts';

/** How people are reached. */
export type NotificationChannel = Schemas['NotificationChannel'];
export type NotificationSettings = Schemas['NotificationSettings'];
export type Delivery = Schemas['NotificationDelivery'];
export type Device = Schemas['Device'];

export const notificationChannels = () =>
  queryOptions({
    queryKey: ['notifications', 'channels'],
    queryFn: async ({ signal }) => (await body(api.GET('/notification-channels', { signal }))).items,
  });

export const notificationSettings = () =>
  queryOptions({
    queryKey: ['notifications', 'own'],
    queryFn: ({ signal }) => body(api.GET('/notification-settings', { signal })),
  });

export const devices = () =>
  queryOptions({
    queryKey: ['notifications', 'devices'],
    queryFn: async ({ signal }) => (await body(api.GET('/devices', { signal }))).items,
  });

/** The newest. A delivery is no event. */
export const deliveries = () =>
  queryOptions({
    queryKey: ['notifications', 'deliveries'],
    queryFn: async ({ signal }) => (await body(api.GET('/notification-deliveries', { params: { query: { limit: 20 } }, signal }))).items,
    staleTime: 0,
    refetchOnWindowFocus: true,
  });
